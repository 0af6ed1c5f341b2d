import { blockRows, inBlocks } from "./blocks.js";

type Rows = Float32Array | Float64Array;

/** A choice of rows, and how much each counts; all rows counting 1 by default. */
export interface RowChoice {
  /** Row numbers; default all. */
  readonly indices?: Uint32Array;
  /** One a chosen row, ≥ 0, in the order of `indices`. */
  readonly weights?: Float64Array;
}

/** Adds rows times their weights to the columns' sums, and the weights to `total`, which is returned. */
function addRows(
  sums: Float64Array,
  total: number,
  rows: Rows,
  { indices, weights }: RowChoice,
  from: number,
  to: number,
): number {
  const columns = sums.length;
  let weightSum = total;
  for (let i = from; i < to; i++) {
    const weight = weights ? weights[i]! : 1;
    const start = (indices ? indices[i]! : i) * columns;
    weightSum += weight;
    for (let j = 0; j < columns; j++) sums[j]! += weight * rows[start + j]!;
  }
  return weightSum;
}

/** The weighted mean of each column of `rows`, [n, columns] row-major. */
export function columnMeans(rows: Rows, columns: number, choice: RowChoice = {}): Float64Array {
  const count = choice.indices ? choice.indices.length : rows.length / columns;
  const mean = new Float64Array(columns);
  let total = 0;
  const add = (from: number, to: number) => {
    total = addRows(mean, total, rows, choice, from, to);
  };
  inBlocks(count, add, blockRows(columns));
  for (let j = 0; j < columns; j++) mean[j]! /= total;
  return mean;
}

/** Adds the products of the columns of four rows, [columns, 4], times the rows' weights: the lower triangle. */
function addProducts(matrix: Float64Array, four: Float64Array, weights: Float64Array, columns: number): void {
  const [w0, w1, w2, w3] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!];
  for (let i = 0; i < columns; i++) {
    const a0 = w0 * four[4 * i]!;
    const a1 = w1 * four[4 * i + 1]!;
    const a2 = w2 * four[4 * i + 2]!;
    const a3 = w3 * four[4 * i + 3]!;
    const at = i * columns;
    for (let j = 0, b = 0; j <= i; j++, b += 4) {
      matrix[at + j]! += a0 * four[b]! + a1 * four[b + 1]! + a2 * four[b + 2]! + a3 * four[b + 3]!;
    }
  }
}

/** Divides the lower triangle of a matrix, and makes the upper one its image. */
export function divideSymmetric(matrix: Float64Array, size: number, divisor: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * size + j]! / divisor;
      matrix[i * size + j] = value;
      matrix[j * size + i] = value;
    }
  }
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
  const four = new Float64Array(4 * columns);
  const scales = new Float64Array(4);
  let total = 0;
  const add = (from: number, to: number) => {
    for (let first = from; first < to; first += 4) {
      for (let r = 0; r < 4; r++) {
        const i = first + r;
        const isRow = i < to;
        const weight = !isRow ? 0 : weights ? weights[i]! : 1;
        const start = !isRow ? 0 : (indices ? indices[i]! : i) * columns;
        scales[r] = weight;
        total += weight;
        for (let j = 0; j < columns; j++) four[4 * j + r] = isRow ? rows[start + j]! - mean[j]! : 0;
      }
      addProducts(matrix, four, scales, columns);
    }
  };
  inBlocks(count, add, 4 * blockRows(columns));
  divideSymmetric(matrix, columns, total);
  return matrix;
}
