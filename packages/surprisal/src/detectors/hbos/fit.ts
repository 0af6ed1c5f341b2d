import {
  type HistogramRange,
  histogramRanges,
  histograms,
  likeliestBins,
  type StepFunctions,
} from "../../empirical/index.js";
import { SurprisalError } from "../../errors.js";
import { columnTable } from "../../numeric/index.js";

export interface HbosOptions {
  /** Bins of every column, or "auto" for a number of its own. Default 10. */
  readonly bins?: number | "auto";
  /** Added to every density. Default 0.1. */
  readonly alpha?: number;
  /** Part of a bin's width beyond the first and last edge that still counts to their bins. Default 0.5. */
  readonly tolerance?: number;
  /** What a density is per: a unit of the column (default), or the whole range of its training values. */
  readonly densityPer?: "unit" | "range";
}

/** The smallest float64 above a finite one. */
function nextFloat64(value: number): number {
  const bits = new BigInt64Array(1);
  const float = new Float64Array(bits.buffer);
  float[0] = value === 0 ? 0 : value;
  bits[0] = value < 0 ? bits[0]! - 1n : bits[0]! + 1n;
  return float[0]!;
}

/** The number of bins of each column that suits it best. */
function likeliestOfColumns(rows: Float64Array, ranges: readonly HistogramRange[]): number[] {
  const columns = ranges.length;
  const count = rows.length / columns;
  const table = columnTable(rows, columns);
  return ranges.map((range, column) => {
    return likeliestBins(table.subarray(column * count, (column + 1) * count), range);
  });
}

/**
 * HBOS (Goldstein & Dengel 2012): -log2(density + alpha) of each value in the histogram of its
 * column, as PyOD. A value beyond the histogram by more than `tolerance` of a bin's width counts as
 * one in the emptiest bin.
 *
 * A value on an edge between two bins has the density of the bin in which it was counted; PyOD
 * counts it in the upper bin and looks up the lower one.
 *
 * `rows` is [n, columns], row-major and finite. Throws a `SurprisalError` where there are none.
 */
export function fitHbos(
  rows: Float64Array,
  columns: number,
  { bins = 10, alpha = 0.1, tolerance = 0.5, densityPer = "unit" }: HbosOptions = {},
): StepFunctions<Float64Array> {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 1)) throw new SurprisalError("hbos: there are no rows with a feature to learn from");
  const ranges = histogramRanges(rows, columns);
  const binCounts = bins === "auto" ? likeliestOfColumns(rows, ranges) : ranges.map(() => bins);
  const knots: number[] = [];
  const steps: number[] = [];
  const knotCounts = new Int32Array(columns);
  histograms(rows, binCounts, ranges).forEach(({ edges, counts, width }, column) => {
    const perBin = densityPer === "unit" ? 1 / width : counts.length;
    const surprises = Array.from(counts, (c) => -Math.log2((c / count) * perBin + alpha));
    const outside = Math.max(...surprises);
    const slack = tolerance * width;
    knots.push(edges[0]! - slack, ...edges.subarray(1, -1), nextFloat64(edges.at(-1)! + slack));
    steps.push(outside, ...surprises, outside);
    knotCounts[column] = edges.length;
  });
  return { knots: Float64Array.from(knots), knotCounts, steps: Float32Array.from(steps) };
}
