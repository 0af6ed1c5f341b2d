/** Rows that are read at once: what they and their places in the columns take stays in the core's caches. */
const BLOCK_ROWS = 64;

/**
 * The columns of `rows`, [n, columns] row-major, one after the other, in float64: at the beginning of
 * `table`, where one is given.
 */
export function columnTable(
  rows: Float32Array | Float64Array,
  columns: number,
  table: Float64Array = new Float64Array(rows.length),
): Float64Array {
  const count = rows.length / columns;
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const end = Math.min(count, first + BLOCK_ROWS);
    for (let column = 0; column < columns; column++) {
      const to = column * count;
      for (let row = first, at = first * columns + column; row < end; row++, at += columns) {
        table[to + row] = rows[at]!;
      }
    }
  }
  return table;
}
