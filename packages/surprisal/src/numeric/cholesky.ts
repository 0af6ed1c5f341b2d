/**
 * The Cholesky factor L of a symmetric matrix [size, size], row-major and lower triangular, with
 * L Lᵀ = matrix; only the lower triangle is read. Undefined where a pivot is not above
 * `tolerance` × the largest diagonal element: the matrix is not (numerically) positive definite.
 */
export function choleskyFactor(matrix: Float64Array, size: number, tolerance = 0): Float64Array | undefined {
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  const least = tolerance * largest;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let value = matrix[row + j]!;
      for (let k = 0; k < j; k++) value -= factor[row + k]! * factor[other + k]!;
      if (j < i) factor[row + j] = value / factor[other + j]!;
      else if (value > least) factor[row + i] = Math.sqrt(value);
      else return undefined;
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix [size, size] with a non-zero diagonal, itself lower triangular. */
export function invertLowerTriangular(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    const pivot = 1 / factor[row + i]!;
    // Row i of the inverse is a combination of the rows above it.
    for (let k = 0; k < i; k++) {
      const weight = -factor[row + k]! * pivot;
      for (let j = 0; j <= k; j++) inverse[row + j]! += weight * inverse[k * size + j]!;
    }
    inverse[row + i] = pivot;
  }
  return inverse;
}

/** log det(L Lᵀ) of a Cholesky factor. */
export function choleskyLogDeterminant(factor: Float64Array, size: number): number {
  let total = 0;
  for (let i = 0; i < size; i++) total += Math.log(factor[i * size + i]!);
  return 2 * total;
}

/**
 * |M (x - mean)|² of each row x of `rows` [n, columns], with M lower triangular [columns, columns]:
 * the squared Mahalanobis distance where M is the inverse of the covariance's Cholesky factor.
 */
export function squaredMahalanobis(
  rows: Float32Array | Float64Array,
  columns: number,
  mean: Float64Array,
  inverseFactor: Float64Array,
  target = new Float64Array(rows.length / columns),
): Float64Array {
  const count = rows.length / columns;
  // Four rows at a time: independent sums that the processor can overlap.
  const block = new Float64Array(4 * columns);
  for (let first = 0; first < count; first += 4) {
    const size = Math.min(4, count - first);
    for (let r = 0; r < size; r++) {
      const start = (first + r) * columns;
      for (let j = 0; j < columns; j++) block[4 * j + r] = rows[start + j]! - mean[j]!;
    }
    let [t0, t1, t2, t3] = [0, 0, 0, 0];
    for (let i = 0; i < columns; i++) {
      const row = i * columns;
      let [y0, y1, y2, y3] = [0, 0, 0, 0];
      for (let j = 0, b = 0; j <= i; j++, b += 4) {
        const m = inverseFactor[row + j]!;
        y0 += m * block[b]!;
        y1 += m * block[b + 1]!;
        y2 += m * block[b + 2]!;
        y3 += m * block[b + 3]!;
      }
      t0 += y0 * y0;
      t1 += y1 * y1;
      t2 += y2 * y2;
      t3 += y3 * y3;
    }
    target[first] = t0;
    if (size > 1) target[first + 1] = t1;
    if (size > 2) target[first + 2] = t2;
    if (size > 3) target[first + 3] = t3;
  }
  return target;
}
