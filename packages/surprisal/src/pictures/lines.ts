import * as Plot from "@observablehq/plot";
import { attributes, escapeXml, type FigureOptions, legend, plotFigure } from "./figure.js";
import { formatNumber } from "./format.js";
import { colors, seriesColors, seriesDashes } from "./palette.js";
import type { PointGroup } from "./scatter.js";

export interface LinesOptions extends FigureOptions {
  /** One line each, through its points in their order. */
  groups: readonly PointGroup[];
  xLabel: string;
  yLabel: string;
}

/** How quantities change with a setting: a line through the points of each group. */
export function lines(options: LinesOptions): string {
  const { groups, width = 440, height = 280, xLabel, yLabel } = options;
  const rows = groups.length > 1 ? groups.length : 0;
  const top = 26 + 16 * rows;
  const look = (i: number) => ({
    color: seriesColors[i % seriesColors.length]!,
    dash: seriesDashes[i % seriesDashes.length]!,
  });
  const settings = [...new Set(groups.flatMap(({ x }) => Array.from(x)))].sort((a, b) => a - b);
  return plotFigure(
    { ...options, width, height: height + 16 * rows },
    {
      marginTop: top,
      marginRight: 16,
      marginBottom: 42,
      marginLeft: 58,
      y: { nice: true },
      marks: [
        Plot.gridY({ stroke: colors.rule, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({
          ticks: settings.length > 12 ? 8 : settings,
          tickFormat: (value: number) => formatNumber(value, 3),
          tickSize: 4,
          label: `${xLabel} →`,
          labelArrow: "none",
          labelOffset: 38,
        }),
        Plot.axisY({
          ticks: 5,
          tickFormat: (value: number) => formatNumber(value, 3),
          tickSize: 0,
          label: null,
        }),
        ...groups.flatMap(({ x, y }, i) => {
          const points = Array.from(x, (value, at) => ({ x: value, y: y[at]! })).filter((point) =>
            Number.isFinite(point.y),
          );
          const { color, dash } = look(i);
          return [
            Plot.line(points, { x: "x", y: "y", stroke: color, strokeWidth: 2, strokeDasharray: dash }),
            Plot.dot(points, { x: "x", y: "y", r: 2.5, fill: color, stroke: "none" }),
          ];
        }),
      ],
    },
    {
      overlay: () =>
        `<text${attributes({ x: 4, y: top - 12, "text-anchor": "start" })}>↑ ${escapeXml(yLabel)}</text>` +
        groups
          .slice(0, rows)
          .map(({ name }, i) => legend([{ name, ...look(i) }], 8, 14 + 16 * i, width - 16))
          .join(""),
    },
  );
}
