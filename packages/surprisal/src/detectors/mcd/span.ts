import { columnMeans, covarianceMatrix, symmetricEigen } from "../../numeric/index.js";

export interface SpanCoordinates {
  /** [n, rank] row-major: uncorrelated, of mean 0 and variance 1. */
  readonly coordinates: Float64Array;
  /** The number of directions in which the rows vary. */
  readonly rank: number;
}

/**
 * The rows in coordinates of the space they span, whitened. The minimum covariance determinant is
 * the same subset in any such coordinates, and here neither units nor linear relations among the
 * columns disturb the search. `units` as for `whitening`.
 */
export function spanCoordinates(rows: Float64Array, columns: number, units: Float64Array): SpanCoordinates {
  const count = rows.length / columns;
  const scaled = rows.map((value, at) => value / units[at % columns]!);
  const mean = columnMeans(scaled, columns);
  const { values, vectors } = symmetricEigen(covarianceMatrix(scaled, columns, mean), columns);
  const rank = values.filter((value) => value > 1e-12 * Math.max(1, values[columns - 1]!)).length;
  // Eigenvalues ascend: the last `rank` columns of the vectors span the rows.
  const first = columns - rank;
  const axes = new Float64Array(rank * columns);
  for (let k = 0; k < rank; k++) {
    for (let j = 0; j < columns; j++) {
      axes[k * columns + j] = vectors[j * columns + first + k]! / Math.sqrt(values[first + k]!);
    }
  }
  const coordinates = new Float64Array(count * rank);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) scaled[i * columns + j]! -= mean[j]!;
    for (let k = 0; k < rank; k++) {
      let value = 0;
      for (let j = 0; j < columns; j++) value += scaled[i * columns + j]! * axes[k * columns + j]!;
      coordinates[i * rank + k] = value;
    }
  }
  return { coordinates, rank };
}
