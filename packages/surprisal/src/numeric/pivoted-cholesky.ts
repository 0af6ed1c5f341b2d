export interface PivotedCholesky {
  /** Rows of the matrix in the order in which they were taken, one a rank. */
  readonly pivots: Uint32Array;
  /** [rank, size] row-major, the transpose of L: matrix ≈ L Lᵀ, exactly on the pivots. */
  readonly factor: Float64Array;
}

/**
 * The Cholesky factor of a positive semi-definite matrix [size, size], row-major, with the largest
 * remaining diagonal element as the next pivot, until none is above `tolerance` × the largest at the
 * start: then no element of matrix - L Lᵀ is. O(size rank²).
 */
export function pivotedCholesky(matrix: Float64Array, size: number, tolerance: number): PivotedCholesky {
  const left = Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]!);
  const least = tolerance * left.reduce((a, b) => Math.max(a, b), 0);
  const rows: Float64Array[] = [];
  const pivots: number[] = [];
  while (rows.length < size) {
    let pivot = 0;
    for (let i = 1; i < size; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (!(left[pivot]! > least)) break;
    const row = matrix.slice(pivot * size, (pivot + 1) * size);
    for (const earlier of rows) {
      const weight = earlier[pivot]!;
      for (let i = 0; i < size; i++) row[i]! -= weight * earlier[i]!;
    }
    const root = Math.sqrt(left[pivot]!);
    for (let i = 0; i < size; i++) {
      const value = row[i]! / root;
      row[i] = value;
      left[i]! -= value * value;
    }
    // What is left of pivots is rounding noise.
    for (const taken of pivots) row[taken] = 0;
    row[pivot] = root;
    left[pivot] = 0;
    rows.push(row);
    pivots.push(pivot);
  }
  const factor = new Float64Array(rows.length * size);
  rows.forEach((row, k) => {
    factor.set(row, k * size);
  });
  return { pivots: Uint32Array.from(pivots), factor };
}
