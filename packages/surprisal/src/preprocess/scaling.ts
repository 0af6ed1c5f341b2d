import { inBlocks } from "../numeric/index.js";
import { quantile } from "../thresholds/index.js";

/** How numeric columns are scaled; see {@link fitScaling}. */
export type ScalingName = "standard" | "minMax" | "robust" | "none";

/** A column is mapped to (x - center) / scale. */
export interface Scaling {
  readonly center: number;
  readonly scale: number;
}

/**
 * Rows of a block, whose columns are read one after the other while they stay in the core's caches. The
 * same for tables of any width, so that a column's sum does not depend on the others.
 */
const BLOCK_ROWS = 64;

/** Raises the columns' peaks to the magnitudes of rows. */
function raisePeaks(peaks: Float64Array, data: ArrayLike<number>, from: number, to: number): void {
  const width = peaks.length;
  const end = to * width;
  for (let j = 0; j < width; j++) {
    let peak = peaks[j]!;
    for (let k = from * width + j; k < end; k += width) peak = Math.max(peak, Math.abs(data[k]!));
    peaks[j] = peak;
  }
}

/**
 * Adds rows times the columns' units to the columns' sums. Every other row has a sum of its own: an
 * addition waits for the one before it.
 */
function addRows(
  sums: Float64Array,
  units: Float64Array,
  data: ArrayLike<number>,
  from: number,
  to: number,
): void {
  const width = sums.length;
  const end = to * width;
  for (let j = 0; j < width; j++) {
    const unit = units[j]!;
    let [even, odd] = [0, 0];
    let k = from * width + j;
    for (; k + width < end; k += 2 * width) {
      even += data[k]! * unit;
      odd += data[k + width]! * unit;
    }
    if (k < end) even += data[k]! * unit;
    sums[j]! += even + odd;
  }
}

/** Adds the squared deviations of rows times the columns' units from the means, as `addRows` does. */
function addSquares(
  sums: Float64Array,
  units: Float64Array,
  means: Float64Array,
  data: ArrayLike<number>,
  from: number,
  to: number,
): void {
  const width = sums.length;
  const end = to * width;
  for (let j = 0; j < width; j++) {
    const [unit, mean] = [units[j]!, means[j]!];
    let [even, odd] = [0, 0];
    let k = from * width + j;
    for (; k + width < end; k += 2 * width) {
      const first = data[k]! * unit - mean;
      const second = data[k + width]! * unit - mean;
      even += first * first;
      odd += second * second;
    }
    if (k < end) even += (data[k]! * unit - mean) ** 2;
    sums[j]! += even + odd;
  }
}

/** Mean and population deviation of the columns of `data`, [n, width] row-major. */
function meansAndDeviations(data: ArrayLike<number>, width: number): Scaling[] {
  const rows = data.length / width;
  const zeros = () => new Float64Array(width);
  const peaks = zeros();
  inBlocks(rows, (from, to) => raisePeaks(peaks, data, from, to), BLOCK_ROWS);
  // Divided by the largest magnitude, so that neither 1e200 nor 1e-200 leaves the range.
  const units = peaks.map((peak) => (peak === 0 ? 1 : 1 / peak));
  const sums = zeros();
  inBlocks(rows, (from, to) => addRows(sums, units, data, from, to), BLOCK_ROWS);
  const means = sums.map((sum) => sum / rows);
  const squares = zeros();
  inBlocks(rows, (from, to) => addSquares(squares, units, means, data, from, to), BLOCK_ROWS);
  return Array.from(units, (unit, j) => ({
    center: means[j]! / unit,
    scale: Math.sqrt(squares[j]! / rows) / unit,
  }));
}

/** A divisor that would be 0, or rounding noise, becomes 1. */
function usable({ center, scale }: Scaling): Scaling {
  return { center, scale: scale > 1e-12 * Math.abs(center) ? scale : 1 };
}

/**
 * The standard scaling of every column of `data`, [n, width] row-major and without missing values:
 * what `fitScaling` finds for each.
 */
export function standardScalings(data: ArrayLike<number>, width: number): Scaling[] {
  return meansAndDeviations(data, width).map(usable);
}

/**
 * The scaling of one column, learned from its values (none missing):
 * `standard` has mean 0 and population deviation 1, `minMax` runs from 0 to 1, `robust` has
 * median 0 and inter-quartile range 1. A constant column, for which the divisor would be 0 (or
 * rounding noise), keeps scale 1.
 */
export function fitScaling(values: Float64Array, name: ScalingName): Scaling {
  if (name === "none" || values.length === 0) return { center: 0, scale: 1 };
  if (name === "standard") return standardScalings(values, 1)[0]!;
  const [low, high] = name === "minMax" ? [0, 1] : [0.25, 0.75];
  const from = quantile(values, low);
  const center = name === "minMax" ? from : quantile(values, 0.5);
  const scale = quantile(values, high) - from;
  // More than half of the rows are equal: the inter-quartile range says nothing of the others.
  if (name === "robust" && scale === 0) {
    return usable({ center, scale: meansAndDeviations(values, 1)[0]!.scale });
  }
  return usable({ center, scale });
}
