import { allocate } from "../tensor/index.js";
import type { PlanArray, PlanData } from "./plan.js";

/** Rows up to this size are copied faster by a plain loop than by a call. */
const SMALL_ROW = 48;

/** Copies the rows `indices[start..start + count)` of an array to `target`, from element `at` on. */
export function gatherRows(
  { data, rowSize }: PlanArray,
  indices: Uint32Array,
  start: number,
  count: number,
  target: PlanArray["data"],
  at: number,
): void {
  let to = at;
  for (let i = start; i < start + count; i++) {
    const from = indices[i]! * rowSize;
    if (rowSize <= SMALL_ROW) {
      for (let k = 0; k < rowSize; k++) target[to + k] = data[from + k]!;
    } else {
      target.set(data.subarray(from, from + rowSize), to);
    }
    to += rowSize;
  }
}

/** The integers 0 … n-1. */
export function countUp(n: number): Uint32Array {
  const indices = new Uint32Array(n);
  for (let i = 0; i < n; i++) indices[i] = i;
  return indices;
}

/** A buffer for `rows` rows of each array. */
export function batchBuffers(data: PlanData, rows: number): Map<string, PlanArray["data"]> {
  return new Map(
    data.arrays.map(({ name, dtype, rowSize }) => [
      name,
      allocate(dtype, rows * rowSize) as PlanArray["data"],
    ]),
  );
}
