import * as Plot from "@observablehq/plot";
import { type Curve, visiblePoints } from "./curve-path.js";
import { attributes, type FigureOptions, legend, plotFigure, round } from "./figure.js";
import { colors, seriesColors, seriesDashes } from "./palette.js";

/** A named curve of a comparison. */
export interface NamedCurve extends Curve {
  /** Shown in the legend when there are several curves. */
  name?: string;
}

/** Curves on the unit square, and where on them the detector works. */
export interface UnitCurvesOptions extends FigureOptions {
  curves: NamedCurve[];
  /** The operating point at the threshold: a dot with `data-role="point"`. */
  point?: { x: number; y: number };
}

/**
 * A figure of curves on the unit square, for ROC and precision-recall. `data-x0`, `data-x1`,
 * `data-y0`, `data-y1` hold the pixels of 0 and 1, by which a script may move the point.
 */
export function unitCurves(
  options: UnitCurvesOptions,
  form: { x: string; y: string; step: boolean; reference: [number, number][] },
): string {
  const { curves, point, width = 340, height = 340 } = options;
  const several = curves.length > 1;
  const entries = several
    ? curves.map(({ name = "" }, i) => ({
        name,
        color: seriesColors[i % seriesColors.length]!,
        dash: seriesDashes[i % seriesDashes.length]!,
      }))
    : [];
  const legendHeight = several ? 18 * entries.length + 4 : 0;
  const margin = { top: 26 + legendHeight, right: 14, bottom: 42, left: 44 };
  const inner = { width: width - margin.left - margin.right, height: height - 26 - 42 };
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const tickFormat = (value: number) => String(value);
  return plotFigure(
    { ...options, width, height: height + legendHeight },
    {
      marginTop: margin.top,
      marginRight: margin.right,
      marginBottom: margin.bottom,
      marginLeft: margin.left,
      x: { domain: [0, 1] },
      y: { domain: [0, 1] },
      marks: [
        Plot.gridX(ticks, { stroke: colors.rule, strokeOpacity: 1 }),
        Plot.gridY(ticks, { stroke: colors.rule, strokeOpacity: 1 }),
        Plot.axisX({
          ticks,
          tickFormat,
          tickSize: 0,
          label: `${form.x} →`,
          labelArrow: "none",
          labelOffset: 38,
        }),
        Plot.axisY({ ticks, tickFormat, tickSize: 0, label: null }),
        Plot.line(form.reference, {
          stroke: colors.muted,
          strokeDasharray: "3 3",
          strokeWidth: 1,
          className: "reference",
        }),
        ...curves.map((curve, i) =>
          Plot.line(visiblePoints(curve, inner.width, inner.height), {
            stroke: several ? entries[i]!.color : colors.normal,
            strokeDasharray: several ? entries[i]!.dash : "none",
            strokeWidth: 2,
            curve: form.step ? "step-before" : "linear",
            className: "curve",
          }),
        ),
      ],
    },
    {
      overlay: (scales) =>
        `<text${attributes({ x: 4, y: margin.top - 14, "text-anchor": "start" })}>↑ ${form.y}</text>` +
        entries.map((entry, i) => legend([entry], 6, 12 + 18 * i, inner.width)).join("") +
        (point
          ? `<g${attributes({ "data-role": "point", transform: `translate(${round(scales.x(point.x))},${round(scales.y(point.y))})` })}><circle r="9" style="fill:${colors.ink};fill-opacity:0.12"/><circle r="4.5" style="fill:${colors.ink};stroke:${colors.paper};stroke-width:1.5"/></g>`
          : ""),
      data: (scales) => ({
        x0: round(scales.x(0)),
        x1: round(scales.x(1)),
        y0: round(scales.y(0)),
        y1: round(scales.y(1)),
      }),
    },
  );
}
