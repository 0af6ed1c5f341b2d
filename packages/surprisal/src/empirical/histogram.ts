import { SurprisalError } from "../errors.js";
import { blockRows, inBlocks, sortFloats } from "../numeric/index.js";

/** Bins of equal width: bin i holds edge i ≤ x < edge i + 1, the last one its upper edge too. */
export interface Histogram {
  /** One more than bins, rising; as numpy.linspace places them. */
  readonly edges: Float64Array;
  readonly counts: Float64Array;
  /** Of one bin, above 0. */
  readonly width: number;
}

/** `bins + 1` edges from `low` to `high`, rounded as numpy.linspace rounds them. */
function equalEdges(low: number, high: number, bins: number): Float64Array {
  const step = (high - low) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => i * step + low);
  edges[bins] = high;
  return edges;
}

/** A range that is not above it counts as one value: 100,000 bins of it are far above the least number. */
const NARROWEST = 1e-300;

/** Widens the columns' ranges to the values of rows. */
function widenRanges(
  low: Float64Array,
  high: Float64Array,
  rows: Float64Array,
  from: number,
  to: number,
): void {
  const columns = low.length;
  for (let row = from, k = from * columns; row < to; row++) {
    for (let j = 0; j < columns; j++) {
      const value = rows[k++]!;
      if (value < low[j]!) low[j] = value;
      if (value > high[j]!) high[j] = value;
    }
  }
}

/** A range of a histogram: the least and the largest value. */
export type HistogramRange = readonly [low: number, high: number];

/** A range of which bins can be made; see {@link histogramRanges}. */
function usableRange(low: number, high: number): HistogramRange {
  if (high - low === Number.POSITIVE_INFINITY) {
    throw new SurprisalError(`values from ${low} to ${high} span more than a number can hold; scale them`);
  }
  if (high - low > NARROWEST) return [low, high];
  const half = Math.max(0.5, Math.abs(low) * 1e-9);
  return [low - half, high + half];
}

/**
 * The least and the largest value of each column of `rows`, [n, columns] row-major, for a histogram.
 * Where they are equal, half a unit to both sides, as NumPy has it; more for values so large that half
 * a unit is nothing to them. So too where bins of the range could be too narrow for a number. Throws a
 * `SurprisalError` where a range is beyond float64.
 */
export function histogramRanges(rows: Float64Array, columns: number): HistogramRange[] {
  const lows = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const highs = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  const widen = (from: number, to: number) => widenRanges(lows, highs, rows, from, to);
  inBlocks(rows.length / columns, widen, blockRows(columns));
  return Array.from(lows, (low, j) => usableRange(low, highs[j]!));
}

/** The same of one column of values. */
export function histogramRange(values: Float64Array): HistogramRange {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return usableRange(low, high);
}

/** A histogram that is being filled. */
interface Filling extends Histogram {
  readonly low: number;
  /** Bins per unit. */
  readonly scale: number;
}

/** Counts every `columns`-th value from `from` up to (excluding) `to`. */
function countEvery(values: Float64Array, from: number, to: number, columns: number, filling: Filling): void {
  const { edges, counts, low, scale } = filling;
  const last = counts.length - 1;
  for (let k = from; k < to; k += columns) {
    const value = values[k]!;
    let bin = ((value - low) * scale) | 0;
    if (bin > last) bin = last;
    // The product is rounded: the edges decide.
    if (value < edges[bin]!) bin--;
    else if (value >= edges[bin + 1]! && bin < last) bin++;
    counts[bin] = counts[bin]! + 1;
  }
}

/**
 * numpy.histogram of each column of `rows`, [n, columns] row-major, with a number of bins and a range
 * that holds all its values. O(n columns).
 */
export function histograms(
  rows: Float64Array,
  bins: readonly number[],
  ranges: readonly HistogramRange[],
): Histogram[] {
  const columns = bins.length;
  const filled = bins.map((count, j): Filling => {
    const [low, high] = ranges[j]!;
    return {
      edges: equalEdges(low, high, count),
      counts: new Float64Array(count),
      width: (high - low) / count,
      low,
      scale: count / (high - low),
    };
  });
  const count = (from: number, to: number) => {
    filled.forEach((filling, j) => {
      countEvery(rows, from * columns + j, to * columns, columns, filling);
    });
  };
  inBlocks(rows.length / columns, count, blockRows(columns));
  return filled;
}

/** The same for values in ascending order: O(bins log n). */
function histogramOfSorted(
  sorted: Float64Array,
  bins: number,
  [low, high]: readonly [number, number],
): Float64Array {
  const counts = new Float64Array(bins);
  const step = (high - low) / bins;
  let below = 0;
  for (let bin = 0; bin < bins; bin++) {
    let end = sorted.length;
    if (bin < bins - 1) {
      const edge = (bin + 1) * step + low;
      let start = below;
      while (start < end) {
        const middle = (start + end) >>> 1;
        if (sorted[middle]! < edge) start = middle + 1;
        else end = middle;
      }
    }
    counts[bin] = end - below;
    below = end;
  }
  return counts;
}

/**
 * The number of bins of equal width that maximises the penalised likelihood of Birgé & Rozenholc
 * 2006, from 1 to below √n: Σ c log(b c / n) over the counts c of b bins, less b - 1 + log(b)^2.5.
 * O(n log n).
 */
export function likeliestBins(values: Float64Array, range: readonly [number, number]): number {
  const sorted = sortFloats(values.slice());
  const limit = Math.max(2, Math.floor(Math.sqrt(values.length)));
  let best = 1;
  let most = Number.NEGATIVE_INFINITY;
  for (let bins = 1; bins < limit; bins++) {
    let likelihood = -(bins - 1 + Math.log(bins) ** 2.5);
    for (const count of histogramOfSorted(sorted, bins, range)) {
      if (count > 0) likelihood += count * Math.log((bins * count) / values.length);
    }
    if (likelihood > most) {
      most = likelihood;
      best = bins;
    }
  }
  return best;
}
