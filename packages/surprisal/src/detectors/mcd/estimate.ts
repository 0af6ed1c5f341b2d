import {
  choleskyFactor,
  choleskyLogDeterminant,
  columnMeans,
  covarianceMatrix,
  invertLowerTriangular,
  smallestIndices,
  squaredMahalanobis,
} from "../../numeric/index.js";

/** Mean and covariance of some rows, ready to measure distances. */
export interface Estimate {
  readonly mean: Float64Array;
  /** Inverse of the covariance's Cholesky factor, [columns, columns] row-major. */
  readonly inverseFactor: Float64Array;
  /** log of the covariance's determinant; -Infinity where the rows are all equal. */
  readonly logDeterminant: number;
  /** Whether the rows lie in a plane, so that a ridge was needed to invert the covariance. */
  readonly isSingular: boolean;
}

/** A pivot below this part of the largest variance is rounding noise. */
const SINGULAR = 1e-14;

/** What is added to a singular covariance's diagonal, as a part of its largest variance. */
const RIDGE = 1e-12;

/** Mean and covariance of the rows with the given numbers. */
export function estimateOf(rows: Float64Array, columns: number, indices: Uint32Array): Estimate {
  const mean = columnMeans(rows, columns, { indices });
  const covariance = covarianceMatrix(rows, columns, mean, { indices });
  let factor = choleskyFactor(covariance, columns, SINGULAR);
  const isSingular = factor === undefined;
  if (!factor) {
    let largest = 0;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, covariance[j * columns + j]!);
    // Equal rows have no scale of their own; rows in whitened coordinates vary by 1.
    for (let j = 0; j < columns; j++) covariance[j * columns + j]! += RIDGE * (largest || 1);
    factor = choleskyFactor(covariance, columns);
    if (!factor) throw new Error("a covariance matrix with a ridge is not positive definite");
    if (largest === 0) {
      const inverseFactor = invertLowerTriangular(factor, columns);
      return { mean, inverseFactor, logDeterminant: Number.NEGATIVE_INFINITY, isSingular };
    }
  }
  return {
    mean,
    inverseFactor: invertLowerTriangular(factor, columns),
    logDeterminant: choleskyLogDeterminant(factor, columns),
    isSingular,
  };
}

/** The squared Mahalanobis distance of every row by an estimate. */
export function distances(
  rows: Float64Array,
  columns: number,
  { mean, inverseFactor }: Estimate,
): Float64Array {
  return squaredMahalanobis(rows, columns, mean, inverseFactor);
}

export interface SupportedEstimate extends Estimate {
  /** Numbers of the rows it was made from. */
  readonly support: Uint32Array;
}

/**
 * A C-step ("concentration"): the estimate of the `size` rows that are closest by the given
 * estimate. Its determinant is never above that of an estimate of as many rows (Rousseeuw & Van
 * Driessen 1999, theorem 1).
 */
export function concentrate(
  rows: Float64Array,
  columns: number,
  size: number,
  estimate: Estimate,
): SupportedEstimate {
  const support = smallestIndices(distances(rows, columns, estimate), size);
  return { ...estimateOf(rows, columns, support), support };
}

/** C-steps until the determinant falls no more, at most `most`. */
export function concentrateFully(
  rows: Float64Array,
  columns: number,
  size: number,
  start: Estimate,
  most = 30,
): SupportedEstimate {
  let best = concentrate(rows, columns, size, start);
  for (let step = 1; step < most; step++) {
    const next = concentrate(rows, columns, size, best);
    if (!(next.logDeterminant < best.logDeterminant)) break;
    best = next;
  }
  return best;
}
