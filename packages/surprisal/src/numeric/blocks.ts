/** Numbers that fill half of a core's first cache. */
const BLOCK = 2048;

/** Rows of so many columns that make up a block. */
export function blockRows(columns: number): number {
  return Math.max(1, Math.floor(BLOCK / columns));
}

/**
 * Calls `work(from, to)` for runs of 0 … count, one after the other, in steps of at most `step`. A
 * long loop in a function that is called once runs slowly until the engine has replaced it under way; a
 * short one in a function that is called often is fast from the next call on.
 */
export function inBlocks(count: number, work: (from: number, to: number) => void, step = BLOCK): void {
  for (let from = 0; from < count; from += step) work(from, Math.min(count, from + step));
}
