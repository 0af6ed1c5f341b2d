import { SurprisalError } from "../../errors.js";
import { columnMeans, symmetricEigen, wideCovariance } from "../../numeric/index.js";

export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** [columns, components] row-major: orthonormal, of falling variance, each with its largest entry positive. */
  readonly vectors: Float64Array;
  /** The variance of the training rows along each. */
  readonly variances: Float64Array;
  /** The sum of the variances of all directions. */
  readonly total: number;
}

/** Columns whose covariance matrix is still made. */
const MOST_COLUMNS = 8192;

/**
 * The number of leading variances that are kept: all, the given number, or the fewest whose sum
 * exceeds the given share of the total. Throws a `SurprisalError` for more than there are.
 */
function keptComponents(variances: Float64Array, total: number, components: number | undefined): number {
  if (components === undefined) return variances.length;
  if (components >= 1) {
    if (components <= variances.length) return components;
    throw new SurprisalError(
      `pca: option "components" is ${components}, but there are ${variances.length} features; give at most that, or a share below 1`,
    );
  }
  let sum = 0;
  let kept = 0;
  while (kept < variances.length && sum <= components * total) sum += variances[kept++]!;
  return Math.max(1, kept);
}

/** Turns each column of a matrix so that its entry of largest magnitude is positive. */
function fixSigns(vectors: Float64Array, columns: number, components: number): void {
  for (let k = 0; k < components; k++) {
    let largest = 0;
    for (let j = 0; j < columns; j++) {
      const entry = vectors[j * components + k]!;
      if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    }
    if (largest < 0) for (let j = 0; j < columns; j++) vectors[j * components + k]! *= -1;
  }
}

/**
 * The leading principal components of `rows`, [n, columns] row-major and finite, from their
 * covariance (divided by n). `components`: a number of at least 1, a share of the variance below 1,
 * or all.
 *
 * Rejects with a `SurprisalError` where there are no rows, or too many columns for their covariance.
 */
export async function fitPca(
  rows: Float64Array,
  columns: number,
  components?: number,
): Promise<PrincipalComponents> {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 1)) throw new SurprisalError("pca: there are no rows with a feature to learn from");
  if (columns > MOST_COLUMNS) {
    const gigabytes = ((columns * columns * 8) / 1e9).toFixed(1);
    throw new SurprisalError(
      `pca: ${columns} features need a covariance matrix of ${columns} × ${columns} numbers (${gigabytes} GB); at most ${MOST_COLUMNS} features are taken`,
    );
  }
  const mean = columnMeans(rows, columns);
  const { values, vectors } = symmetricEigen(await wideCovariance(rows, columns, mean), columns);
  // Rounding may leave variances of nothing a little below 0.
  const variances = values.map((value) => Math.max(0, value)).reverse();
  const total = variances.reduce((sum, value) => sum + value, 0);
  const kept = keptComponents(variances, total, components);
  const leading = Float64Array.from({ length: columns * kept }, (_, i) => {
    const j = Math.floor(i / kept);
    return vectors[j * columns + (columns - 1 - (i % kept))]!;
  });
  fixSigns(leading, columns, kept);
  return { mean, vectors: leading, variances: variances.slice(0, kept), total };
}
