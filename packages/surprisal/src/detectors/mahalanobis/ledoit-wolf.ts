/**
 * The share of shrinkage towards a multiple of the identity that Ledoit & Wolf 2004 derive (their
 * lemma 3.4, with the mean removed): min(b², d²) / d², where d² is how far the empirical covariance S
 * is from (tr S / p) I, and b² is how much x xᵀ varies about S over the rows. In [0, 1]; 0 for one
 * column.
 *
 * `rows` is [n, columns] row-major, `covariance` its covariance about `mean`, divided by n.
 */
export function ledoitWolfShrinkage(
  rows: Float64Array,
  columns: number,
  mean: Float64Array,
  covariance: Float64Array,
): number {
  const count = rows.length / columns;
  let trace = 0;
  for (let j = 0; j < columns; j++) trace += covariance[j * columns + j]!;
  const squares = covariance.reduce((total, value) => total + value * value, 0);
  const distance = squares - (trace * trace) / columns;
  // Σ over rows of |x xᵀ - S|² is Σ |x|⁴ - n |S|².
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    let norm = 0;
    for (let j = 0; j < columns; j++) norm += (rows[i * columns + j]! - mean[j]!) ** 2;
    fourth += norm * norm;
  }
  const spread = (fourth / count - squares) / count;
  // No distance, up to rounding: S is a multiple of the identity already.
  if (!(distance > 1e-14 * squares)) return 0;
  return Math.min(1, Math.max(0, spread / distance));
}

/** (1 - shrinkage) S + shrinkage (tr S / p) I. */
export function shrinkCovariance(covariance: Float64Array, columns: number, shrinkage: number): Float64Array {
  let trace = 0;
  for (let j = 0; j < columns; j++) trace += covariance[j * columns + j]!;
  const shrunk = covariance.map((value) => (1 - shrinkage) * value);
  for (let j = 0; j < columns; j++) shrunk[j * columns + j]! += (shrinkage * trace) / columns;
  return shrunk;
}
