import { type Arrangement, partSizes, refined } from "./arrangement.js";

/** Reshape to `from`, transpose, and the elements lie in the new order, of sizes `to`. */
export interface Move {
  readonly from: readonly number[];
  readonly permutation: readonly number[];
  readonly to: readonly number[];
}

/**
 * The transpose between two arrangements of the same places: neither padded where the other is
 * not. Axes that stay neighbours move as one. Undefined where the two split an axis at places that
 * do not divide each other.
 */
export function moveBetween(source: Arrangement, target: Arrangement): Move | undefined {
  const fineSource = refined(source, partSizes(target));
  const fineTarget = refined(target, partSizes(source));
  if (!fineSource || !fineTarget) return undefined;
  const order: number[] = new Array<number>(fineTarget.sizes.length);
  for (const [axis, list] of fineTarget.parts.entries()) {
    for (const [i, part] of list.entries()) order[part] = fineSource.parts[axis]![i]!;
  }
  const runs: number[][] = [];
  for (const axis of order) {
    const last = runs.at(-1);
    if (last && last.at(-1) === axis - 1) last.push(axis);
    else runs.push([axis]);
  }
  const sizeOf = (run: readonly number[]) => run.reduce((size, axis) => size * fineSource.sizes[axis]!, 1);
  const inMemory = runs.toSorted((a, b) => a[0]! - b[0]!);
  return {
    from: inMemory.map(sizeOf),
    permutation: runs.map((run) => inMemory.indexOf(run)),
    to: runs.map(sizeOf),
  };
}
