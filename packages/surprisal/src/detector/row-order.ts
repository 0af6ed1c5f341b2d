import type { SampleRows } from "./samples.js";

/** Columns that decide the order, each cut into 16 parts: 32 bits of a key. */
const KEY_COLUMNS = 8;
const PARTS = 16;

/** Below this many rows sorting costs more than it saves. */
const FEWEST_ROWS = 512;

/** Where a column is cut so that its parts hold about as many rows each; undefined when it is constant. */
function cuts(rows: SampleRows, column: number, width: number): Float64Array | undefined {
  const step = Math.max(1, Math.floor(rows.rowCount / 512));
  const sample = new Float64Array(Math.ceil(rows.rowCount / step));
  let count = 0;
  for (let i = 0; i < rows.rowCount; i += step) {
    const value = rows.data[i * width + column]!;
    if (!Number.isNaN(value)) sample[count++] = value;
  }
  if (count === 0) return undefined;
  const sorted = sample.subarray(0, count).sort();
  const found = Float64Array.from(
    { length: PARTS - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * count) / PARTS)]!,
  );
  return found[0] === found[PARTS - 2] ? undefined : found;
}

/** Puts the part that each row's value lies in, of 16, at the end of the row's key. */
function extendKeys(
  keys: Uint32Array,
  rows: SampleRows,
  column: number,
  width: number,
  at: Float64Array,
): void {
  const { data } = rows;
  for (let i = 0, k = column; i < keys.length; i++, k += width) {
    const value = data[k]!;
    let part = at[7]! < value ? 8 : 0;
    if (at[part + 3]! < value) part += 4;
    if (at[part + 1]! < value) part += 2;
    if (at[part]! < value) part += 1;
    keys[i] = (keys[i]! << 4) | part;
  }
}

/** Numbers of the keys in rising order, equal ones as they stand: by their low halves, then by their high ones. */
function sortedByKey(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from(keys.keys());
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65_537);
    for (const key of keys) starts[((key >>> shift) & 0xffff) + 1]!++;
    for (let digit = 0; digit < 65_536; digit++) starts[digit + 1]! += starts[digit]!;
    const next = new Uint32Array(keys.length);
    for (const row of order) next[starts[(keys[row]! >>> shift) & 0xffff]!++] = row;
    order = next;
  }
  return order;
}

/**
 * An order of the rows in which neighbours are alike, or undefined for the order they have. Trees
 * walk rows that are alike along the same branches, which a processor then predicts: scoring a
 * forest takes less than half of the time. The order changes no row's score.
 */
export function similarRowsTogether(rows: SampleRows): Uint32Array | undefined {
  const width = rows.shape.reduce((product, dim) => product * dim, 1);
  if (rows.rowCount < FEWEST_ROWS || width === 0) return undefined;
  const keys = new Uint32Array(rows.rowCount);
  let used = 0;
  for (let k = 0; k < Math.min(width, 4 * KEY_COLUMNS) && used < KEY_COLUMNS; k++) {
    // Spread over wide rows, whose first columns may say little (the border of an image).
    const column = width <= 4 * KEY_COLUMNS ? k : (k * 7919) % width;
    const at = cuts(rows, column, width);
    if (!at) continue;
    extendKeys(keys, rows, column, width, at);
    used++;
  }
  return used === 0 ? undefined : sortedByKey(keys);
}
