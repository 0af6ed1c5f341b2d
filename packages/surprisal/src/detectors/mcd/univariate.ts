/**
 * The exact minimum covariance determinant of one column: the `size` values of smallest variance.
 * They are neighbours in order, so that all windows of the sorted values are tried (Rousseeuw &
 * Leroy 1987, chapter 4). Returns the numbers of the rows. O(n log n).
 */
export function univariateSupport(values: Float64Array, size: number): Uint32Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < size; i++) {
    const delta = values[order[i]!]! - mean;
    mean += delta / (i + 1);
    squares += delta * (values[order[i]!]! - mean);
  }
  let best = 0;
  let least = squares;
  for (let start = 1; start + size <= values.length; start++) {
    // One value leaves the window and one enters it.
    const leaving = values[order[start - 1]!]!;
    const entering = values[order[start + size - 1]!]!;
    const next = mean + (entering - leaving) / size;
    squares += (entering - leaving) * (entering - next + leaving - mean);
    mean = next;
    if (squares < least) {
      least = squares;
      best = start;
    }
  }
  return order.slice(best, best + size).sort();
}
