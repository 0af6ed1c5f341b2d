/** The squared distance of a row [columns] of `rows` from one of `centers`. */
export function squareDistance(
  rows: Float32Array,
  row: number,
  centers: Float64Array,
  center: number,
  columns: number,
) {
  let total = 0;
  for (let j = 0; j < columns; j++) {
    const difference = rows[row * columns + j]! - centers[center * columns + j]!;
    total += difference * difference;
  }
  return total;
}
