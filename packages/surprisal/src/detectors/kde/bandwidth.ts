import type { RandomStream } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { isCompact, type Kernel, kernelValue, logNormalizer } from "./kernel.js";

/** Bandwidths that are tried unless others are given: 25 from 10^-1.5 to 10^0.5, evenly spaced in the logarithm. */
export const defaultBandwidths: readonly number[] = Array.from(
  { length: 25 },
  (_, i) => 10 ** (-1.5 + i / 12),
);

/** Scott's rule for columns of variance 1 (Scott 1992), as scikit-learn: n^(-1/(d + 4)). */
export function scottBandwidth(count: number, columns: number): number {
  return count ** (-1 / (columns + 4));
}

/** Silverman's rule for columns of variance 1 (Silverman 1986), as scikit-learn: (n (d + 2) / 4)^(-1/(d + 4)). */
export function silvermanBandwidth(count: number, columns: number): number {
  return ((count * (columns + 2)) / 4) ** (-1 / (columns + 4));
}

/** First places of `folds` consecutive parts, the first ones a row longer where it does not go even; and the end. */
function foldStarts(count: number, folds: number): number[] {
  const [size, longer] = [Math.floor(count / folds), count % folds];
  return Array.from({ length: folds + 1 }, (_, fold) => fold * size + Math.min(fold, longer));
}

/** log of the mean kernel of a row over others at some squared distances, at every bandwidth. */
function logMeans(kernel: Kernel, squares: Float64Array, bandwidths: readonly number[]): number[] {
  if (isCompact(kernel)) {
    return bandwidths.map((bandwidth) => {
      let total = 0;
      for (const square of squares) total += kernelValue(kernel, Math.sqrt(square) / bandwidth);
      return Math.log(total / squares.length);
    });
  }
  // Relative to the nearest, so that a row far from all does not come out as 0.
  const nearest = squares.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const exponents =
    kernel === "gaussian"
      ? squares.map((square) => (nearest - square) / 2)
      : squares.map((square) => Math.sqrt(nearest) - Math.sqrt(square));
  return bandwidths.map((bandwidth) => {
    const unit = kernel === "gaussian" ? bandwidth * bandwidth : bandwidth;
    let total = 0;
    for (const exponent of exponents) total += Math.exp(exponent / unit);
    const peak = kernel === "gaussian" ? nearest / 2 : Math.sqrt(nearest);
    return Math.log(total / squares.length) - peak / unit;
  });
}

/**
 * The sum over all rows of the log density that the rows of the other folds give them, at every
 * bandwidth: the held-out log-likelihood. Folds are consecutive parts of the rows in the given
 * order. -Infinity where a row has density 0. O(n² (columns + bandwidths)).
 */
export function heldOutLogLikelihood(
  rows: Float64Array,
  columns: number,
  order: Uint32Array,
  kernel: Kernel,
  bandwidths: readonly number[],
  folds: number,
): Float64Array {
  const starts = foldStarts(order.length, folds);
  const totals = new Float64Array(bandwidths.length);
  const normalizers = bandwidths.map((bandwidth) => logNormalizer(kernel, columns, bandwidth));
  for (let fold = 0; fold < folds; fold++) {
    const [from, to] = [starts[fold]!, starts[fold + 1]!];
    const others = [...order.subarray(0, from), ...order.subarray(to)];
    const squares = new Float64Array(others.length);
    for (let place = from; place < to; place++) {
      const row = order[place]! * columns;
      others.forEach((other, i) => {
        let square = 0;
        for (let j = 0; j < columns; j++) square += (rows[row + j]! - rows[other * columns + j]!) ** 2;
        squares[i] = square;
      });
      logMeans(kernel, squares, bandwidths).forEach((value, i) => {
        totals[i]! += value - normalizers[i]!;
      });
    }
  }
  return totals;
}

export interface BandwidthSearch {
  readonly bandwidths: readonly number[];
  readonly folds: number;
  /** Rows used, drawn at random where there are more. */
  readonly mostRows: number;
}

/**
 * The bandwidth of largest held-out likelihood over shuffled folds. Where only m of n rows are used,
 * the best for them is multiplied by (m / n)^(1/(d + 4)), the rate at which the best bandwidth
 * falls with the rows.
 *
 * Throws a `SurprisalError` where there are fewer rows than folds, or every bandwidth leaves some row
 * without density.
 */
export function crossValidatedBandwidth(
  rows: Float64Array,
  columns: number,
  kernel: Kernel,
  { bandwidths, folds, mostRows }: BandwidthSearch,
  stream: RandomStream,
): number {
  const count = rows.length / columns;
  if (count < folds) {
    throw new SurprisalError(
      `there are ${count} rows for ${folds} folds of cross-validation; give a bandwidth, or fewer folds`,
    );
  }
  const order = stream.permutation(count).slice(0, mostRows);
  const likelihoods = heldOutLogLikelihood(rows, columns, order, kernel, bandwidths, folds);
  const best = likelihoods.reduce((at, value, i) => (value > likelihoods[at]! ? i : at), 0);
  if (likelihoods[best] === Number.NEGATIVE_INFINITY) {
    throw new SurprisalError(
      `no bandwidth up to ${Math.max(...bandwidths)} gives every held-out row a density with the kernel "${kernel}"; give larger bandwidths, or choose a kernel without an edge (gaussian, exponential)`,
    );
  }
  return bandwidths[best]! * (order.length / count) ** (1 / (columns + 4));
}

/** How a bandwidth is chosen. */
export type BandwidthRule = number | "scott" | "silverman" | "crossValidated";

/** The bandwidth by a rule. Throws as `crossValidatedBandwidth`. */
export function chooseBandwidth(
  rule: BandwidthRule,
  rows: Float64Array,
  columns: number,
  kernel: Kernel,
  search: BandwidthSearch,
  stream: RandomStream,
): number {
  if (rule === "scott") return scottBandwidth(rows.length / columns, columns);
  if (rule === "silverman") return silvermanBandwidth(rows.length / columns, columns);
  if (rule === "crossValidated") return crossValidatedBandwidth(rows, columns, kernel, search, stream);
  return rule;
}
