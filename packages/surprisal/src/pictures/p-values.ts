import * as Plot from "@observablehq/plot";
import { type FigureOptions, legend, plotFigure } from "./figure.js";
import { formatCount } from "./format.js";
import { colors } from "./palette.js";

export interface PValueHistogramOptions extends FigureOptions {
  /** p-values in 0…1, of normal rows where labels are known. */
  pValues: ArrayLike<number>;
  /** Number of equal bins over 0…1 (20). */
  bins?: number;
}

/**
 * Histogram of p-values with the line on which a uniform distribution lies. Valid p-values of
 * normal rows follow the line or stay under it at the left.
 */
export function pValueHistogram(options: PValueHistogramOptions): string {
  const { pValues, bins = 20, width = 440, height = 250 } = options;
  const counts = new Array<number>(bins).fill(0);
  for (let row = 0; row < pValues.length; row++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(pValues[row]! * bins)));
    counts[bin] = counts[bin]! + 1;
  }
  const expected = pValues.length / bins;
  const bars = counts.map((count, bin) => ({
    x1: bin / bins,
    x2: (bin + 1) / bins,
    count,
    name: `${bin / bins} to ${(bin + 1) / bins}: ${formatCount(count)} rows`,
  }));
  return plotFigure(
    { ...options, width, height },
    {
      marginTop: 26,
      marginRight: 16,
      marginBottom: 42,
      marginLeft: 58,
      x: { domain: [0, 1] },
      y: { domain: [0, Math.max(expected * 1.25, ...counts)] },
      marks: [
        Plot.gridY({ stroke: colors.rule, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({
          ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
          tickFormat: String,
          tickSize: 0,
          label: "p-value →",
          labelArrow: "none",
          labelOffset: 38,
        }),
        Plot.axisY({ ticks: 5, tickFormat: formatCount, tickSize: 0, label: "↑ rows", labelArrow: "none" }),
        Plot.rect(bars, {
          x1: "x1",
          x2: "x2",
          y1: () => 0,
          y2: "count",
          fill: colors.normal,
          insetLeft: 0.5,
          insetRight: 0.5,
          title: "name",
        }),
        Plot.ruleY([0], { stroke: colors.ink }),
        Plot.ruleY([expected], { stroke: colors.ink, strokeDasharray: "4 3" }),
      ],
    },
    {
      overlay: () => legend([{ name: "uniform", color: colors.ink, dash: "4 3" }], width - 82, 14, 82),
    },
  );
}
