import { type SymmetricEigen, symmetricEigen } from "./symmetric-eigen.js";

/** What directions in which the rows do not vary count for; see {@link whitening}. */
export type OutsideSpan = "count" | "ignore";

/** The least eigenvalue of a correlation matrix that is divided by. */
const LEAST_EIGENVALUE = 1e-12;

export interface Whitening {
  /** W, [columns, columns] row-major: |(x - mean) W|² is the squared Mahalanobis distance. */
  readonly matrix: Float64Array;
  /** The number of directions in which the rows vary. */
  readonly rank: number;
}

/** vectorsᵀ matrix vectors for chosen columns of `vectors`, [chosen, chosen]. */
function project(matrix: Float64Array, vectors: Float64Array, size: number, chosen: readonly number[]) {
  const applied = chosen.map((k) =>
    Float64Array.from({ length: size }, (_, i) => {
      let value = 0;
      for (let j = 0; j < size; j++) value += matrix[i * size + j]! * vectors[j * size + k]!;
      return value;
    }),
  );
  return Float64Array.from({ length: chosen.length ** 2 }, (_, at) => {
    const k = chosen[Math.floor(at / chosen.length)]!;
    const column = applied[at % chosen.length]!;
    return column.reduce((sum, value, i) => sum + value * vectors[i * size + k]!, 0);
  });
}

/**
 * The same eigenvectors, but those of the null space turned to be the principal axes of `wider`
 * within it, with its variances as their values.
 */
function widenNullSpace({ values, vectors }: SymmetricEigen, wider: Float64Array): SymmetricEigen {
  const size = values.length;
  const none = [...values.keys()].filter((k) => values[k]! <= LEAST_EIGENVALUE);
  if (none.length === 0) return { values, vectors };
  const inside = symmetricEigen(project(wider, vectors, size, none), none.length);
  const turned = { values: values.slice(), vectors: vectors.slice() };
  none.forEach((k, column) => {
    turned.values[k] = inside.values[column]!;
    for (let i = 0; i < size; i++) {
      turned.vectors[i * size + k] = none.reduce(
        (sum, from, row) => sum + vectors[i * size + from]! * inside.vectors[row * none.length + column]!,
        0,
      );
    }
  });
  return turned;
}

/**
 * The whitening that stays closest to the columns: W = D^-1 C^(-1/2) with D the columns' deviations
 * and C the correlation matrix ("ZCA-cor", Kessy, Lewin & Strimmer 2018). Element j of (x - mean) W
 * belongs to column j, so that its square is what column j adds to the squared Mahalanobis
 * distance (Garthwaite & Koch 2016).
 *
 * Singular covariances: with "count", eigenvalues of C below 1e-12 are taken as 1e-12: rows that keep
 * the linear relations among the columns are scored as by the pseudo-inverse, and rows that break one
 * score enormously. With "ignore", such directions do not count at all, as with the pseudo-inverse.
 *
 * `units` holds a typical magnitude of variation of each column, above 0: a column whose deviation
 * is below 1e-10 of it counts as constant and is measured in that unit. With "count", directions in
 * which `covariance` has no variance have that of the covariance `wider`, where it is given.
 */
export function whitening(
  covariance: Float64Array,
  units: Float64Array,
  outsideSpan: OutsideSpan = "count",
  wider?: Float64Array,
): Whitening {
  const size = units.length;
  const deviations = units.map((unit, j) => {
    const deviation = Math.sqrt(covariance[j * size + j]!);
    return deviation > 1e-10 * unit ? deviation : unit;
  });
  const inDeviations = (matrix: Float64Array) =>
    matrix.map((value, at) => value / deviations[Math.floor(at / size)]! / deviations[at % size]!);
  const eigen = symmetricEigen(inDeviations(covariance), size);
  const isWider = wider !== undefined && outsideSpan === "count";
  const { values, vectors } = isWider ? widenNullSpace(eigen, inDeviations(wider)) : eigen;
  const negligible = size * Number.EPSILON * Math.max(1, eigen.values[size - 1]!);
  const roots = values.map((value) => {
    if (outsideSpan === "ignore") return value > negligible ? 1 / Math.sqrt(value) : 0;
    return 1 / Math.sqrt(Math.max(value, LEAST_EIGENVALUE));
  });
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let value = 0;
      for (let k = 0; k < size; k++) value += vectors[i * size + k]! * roots[k]! * vectors[j * size + k]!;
      matrix[i * size + j] = value / deviations[i]!;
    }
  }
  return { matrix, rank: eigen.values.filter((value) => value > LEAST_EIGENVALUE).length };
}
