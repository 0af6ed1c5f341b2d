import type { RandomStream } from "@surprisal/engine";
import { concentrate, concentrateFully, type Estimate, estimateOf } from "./estimate.js";

/** Random starts in all. */
const STARTS = 500;

/** Solutions that each stage hands on. */
const KEPT = 10;

/** Rows in a part, at least; the search in parts begins at twice as many. */
const PART_ROWS = 300;

/** Most parts, which bounds the rows that starts are tried on. */
const PARTS = 5;

function gather(rows: Float64Array, columns: number, indices: Uint32Array): Float64Array {
  const part = new Float64Array(indices.length * columns);
  indices.forEach((row, i) => {
    part.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return part;
}

const byDeterminant = (a: Estimate, b: Estimate) =>
  a.logDeterminant === b.logDeterminant ? 0 : a.logDeterminant - b.logDeterminant;

/** The best few of some estimates, each after two C-steps on the rows. */
function improve(rows: Float64Array, columns: number, size: number, starts: Iterable<Estimate>): Estimate[] {
  let best: Estimate[] = [];
  for (const start of starts) {
    const once = concentrate(rows, columns, size, start);
    best.push(concentrate(rows, columns, size, once));
    // Candidates are dropped as they come: a factor each of hundreds would fill the memory.
    if (best.length >= 4 * KEPT) best = best.sort(byDeterminant).slice(0, KEPT);
  }
  return best.sort(byDeterminant).slice(0, KEPT);
}

/**
 * What a random start is an estimate of: as many rows as are sought ("half"), or one more than there
 * are columns ("elemental").
 */
export type McdStarts = "half" | "elemental";

/** Estimates of random rows. Elemental ones take more rows where theirs lie in a plane. */
function* randomStarts(
  rows: Float64Array,
  columns: number,
  size: number,
  count: number,
  starts: McdStarts,
  stream: RandomStream,
): Generator<Estimate> {
  for (let start = 0; start < count; start++) {
    const order = stream.permutation(rows.length / columns);
    let drawn = starts === "half" ? size : Math.min(columns + 1, size);
    let estimate = estimateOf(rows, columns, order.slice(0, drawn));
    while (estimate.isSingular && drawn < size) {
      drawn = Math.min(2 * drawn, size);
      estimate = estimateOf(rows, columns, order.slice(0, drawn));
    }
    yield estimate;
  }
}

/**
 * FAST-MCD (Rousseeuw & Van Driessen 1999): the `size` of the rows whose covariance has the smallest
 * determinant, by C-steps from random starts. From 600 rows on, starts are tried on up to five
 * parts of 300 rows (more where there are many columns), the best of each on all those rows
 * together, and the best ten of them on all rows; the best one then runs to convergence.
 *
 * `rows` is [n, columns] row-major, columns ≥ 1, size ≤ n; returns the numbers of the chosen rows.
 * `pause` is called between stages.
 */
export async function fastMcd(
  rows: Float64Array,
  columns: number,
  size: number,
  starts: McdStarts,
  stream: RandomStream,
  pause: () => Promise<void>,
): Promise<Uint32Array> {
  const count = rows.length / columns;
  const partRows = Math.max(PART_ROWS, 3 * (columns + 1));
  const parts = Math.min(PARTS, Math.floor(count / partRows));
  let candidates: Estimate[] = [];
  if (parts < 2) {
    candidates = improve(rows, columns, size, randomStarts(rows, columns, size, STARTS, starts, stream));
  } else {
    const share = size / count;
    const together = Math.min(count, parts * partRows);
    const drawn = stream.permutation(count).slice(0, together);
    const perPart = Math.floor(together / parts);
    for (let part = 0; part < parts; part++) {
      const chosen = gather(rows, columns, drawn.subarray(part * perPart, (part + 1) * perPart));
      const partSize = Math.ceil(perPart * share);
      const drafts = randomStarts(chosen, columns, partSize, STARTS / parts, starts, stream);
      candidates.push(...improve(chosen, columns, partSize, drafts));
      await pause();
    }
    const merged = gather(rows, columns, drawn);
    candidates = improve(merged, columns, Math.ceil(together * share), candidates);
    await pause();
    candidates = improve(rows, columns, size, candidates).slice(0, 1);
  }
  await pause();
  const converged = candidates.map((candidate) => concentrateFully(rows, columns, size, candidate));
  return converged.sort(byDeterminant)[0]!.support;
}
