type Rows = Float32Array | Float64Array;

/** A choice of rows, and how much each counts; all rows counting 1 by default. */
export interface RowChoice {
  /** Row numbers; default all. */
  readonly indices?: Uint32Array;
  /** One a chosen row, ≥ 0, in the order of `indices`. */
  readonly weights?: Float64Array;
}

/** The weighted mean of each column of `rows`, [n, columns] row-major. */
export function columnMeans(rows: Rows, columns: number, { indices, weights }: RowChoice = {}): Float64Array {
  const count = indices ? indices.length : rows.length / columns;
  const mean = new Float64Array(columns);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights ? weights[i]! : 1;
    const start = (indices ? indices[i]! : i) * columns;
    total += weight;
    for (let j = 0; j < columns; j++) mean[j]! += weight * rows[start + j]!;
  }
  for (let j = 0; j < columns; j++) mean[j]! /= total;
  return mean;
}

/**
 * The covariance matrix about `mean`, divided by the sum of weights: [columns, columns] row-major,
 * both triangles filled. Rows are centred before they are multiplied, so that a large mean costs no
 * digits. O(n columns²).
 */
export function covarianceMatrix(
  rows: Rows,
  columns: number,
  mean: Float64Array,
  { indices, weights }: RowChoice = {},
): Float64Array {
  const count = indices ? indices.length : rows.length / columns;
  const matrix = new Float64Array(columns * columns);
  // Four rows at a time: one read and write of the matrix for four products.
  const block = new Float64Array(4 * columns);
  const scales = new Float64Array(4);
  let total = 0;
  for (let first = 0; first < count; first += 4) {
    for (let r = 0; r < 4; r++) {
      const i = first + r;
      const isRow = i < count;
      const weight = !isRow ? 0 : weights ? weights[i]! : 1;
      const start = !isRow ? 0 : (indices ? indices[i]! : i) * columns;
      scales[r] = weight;
      total += weight;
      for (let j = 0; j < columns; j++) block[4 * j + r] = isRow ? rows[start + j]! - mean[j]! : 0;
    }
    const [s0, s1, s2, s3] = [scales[0]!, scales[1]!, scales[2]!, scales[3]!];
    for (let i = 0; i < columns; i++) {
      const a0 = s0 * block[4 * i]!;
      const a1 = s1 * block[4 * i + 1]!;
      const a2 = s2 * block[4 * i + 2]!;
      const a3 = s3 * block[4 * i + 3]!;
      const at = i * columns;
      for (let j = 0, b = 0; j <= i; j++, b += 4) {
        matrix[at + j]! += a0 * block[b]! + a1 * block[b + 1]! + a2 * block[b + 2]! + a3 * block[b + 3]!;
      }
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * columns + j]! / total;
      matrix[i * columns + j] = value;
      matrix[j * columns + i] = value;
    }
  }
  return matrix;
}
