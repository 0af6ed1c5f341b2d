import { type RandomStream, randomStream } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { averagePathLength } from "../isolation-forest/path-length.js";

export interface ExtendedIsolationForestOptions {
  /** Number of trees, 1 or more. Default 100. */
  readonly trees?: number;
  /** Rows drawn for each tree without replacement, 2 or more; all rows where there are fewer. Default 256. */
  readonly sampleSize?: number;
  /** Columns that a hyperplane mixes, less 1: 0 to columns - 1 (default). */
  readonly extensionLevel?: number;
  /** Seed of the stream "extended-isolation-forest". Default 0. */
  readonly seed?: number;
}

/** A tree whose inner nodes are hyperplanes. Node 0 is the root. */
export interface HyperplaneTree {
  /** [inner nodes, columns] row-major, and [inner nodes]: a row x goes left where x · normal ≤ offset. */
  readonly normals: Float64Array;
  readonly offsets: Float64Array;
  /** Of each node: its hyperplane, or -1 for a leaf. */
  readonly plane: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Of each leaf: its depth and the mean path beyond it. */
  readonly value: Float32Array;
}

export interface ExtendedIsolationForest {
  readonly trees: readonly HyperplaneTree[];
  readonly columns: number;
  /** Rows that each tree was grown from. */
  readonly sampleSize: number;
}

/** Draws hyperplanes through the box around some rows. */
function hyperplanes(rows: Float64Array, columns: number, extensionLevel: number, stream: RandomStream) {
  const low = new Float64Array(columns);
  const high = new Float64Array(columns);
  const order = Uint32Array.from({ length: columns }, (_, column) => column);
  const swap = (a: number, b: number) => {
    const item = order[a]!;
    order[a] = order[b]!;
    order[b] = item;
  };

  /** Writes a normal, and returns its offset; undefined where the rows are all equal. */
  return (indices: Uint32Array, start: number, end: number, normal: Float64Array): number | undefined => {
    low.fill(Number.POSITIVE_INFINITY);
    high.fill(Number.NEGATIVE_INFINITY);
    for (let i = start; i < end; i++) {
      const at = indices[i]! * columns;
      for (let j = 0; j < columns; j++) {
        const value = rows[at + j]!;
        if (value < low[j]!) low[j] = value;
        if (value > high[j]!) high[j] = value;
      }
    }
    // Columns that vary to the front: a plane that is blind to all of them would split nothing.
    let varying = 0;
    for (let i = 0; i < columns; i++) if (low[order[i]!]! < high[order[i]!]!) swap(i, varying++);
    if (varying === 0) return undefined;
    swap(0, stream.integer(varying));
    for (let i = 1; i <= extensionLevel; i++) swap(i, i + stream.integer(columns - i));
    let offset = 0;
    normal.fill(0);
    for (let i = 0; i <= extensionLevel; i++) {
      const column = order[i]!;
      const weight = stream.normal();
      normal[column] = weight;
      offset += weight * (low[column]! + stream.uniform() * (high[column]! - low[column]!));
    }
    return offset;
  };
}

/**
 * Grows an extended isolation forest (Hariri, Carrasco Kind & Brunner 2019, algorithms 1 and 2) on
 * `rows`, [n, columns] row-major and finite. A node splits by a hyperplane through a point drawn
 * uniformly from the box around its rows, with a normal of `extensionLevel` + 1 standard normal
 * entries at random places and 0 elsewhere, down to depth ⌈log2(sampleSize)⌉. At least one of those
 * places is of a column that varies in the node; a node whose rows are all equal is a leaf.
 *
 * Throws a `SurprisalError` where an option is out of range or there are fewer than two rows.
 */
export function fitExtendedIsolationForest(
  rows: Float64Array,
  columns: number,
  {
    trees: treeCount = 100,
    sampleSize = 256,
    extensionLevel = columns - 1,
    seed = 0,
  }: ExtendedIsolationForestOptions = {},
): ExtendedIsolationForest {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 2)) {
    throw new SurprisalError(
      `extended-isolation-forest: needs at least 2 rows with a feature, got ${Math.floor(count)}`,
    );
  }
  if (extensionLevel >= columns) {
    throw new SurprisalError(
      `extended-isolation-forest: option "extensionLevel" is ${extensionLevel}; for ${columns} features it is at most ${columns - 1}`,
    );
  }
  const sampled = Math.min(sampleSize, count);
  const depthLimit = Math.ceil(Math.log2(sampled));
  const stream = randomStream(seed, "extended-isolation-forest");
  const draw = hyperplanes(rows, columns, extensionLevel, stream);
  const rowOrder = Uint32Array.from({ length: count }, (_, row) => row);
  const normal = new Float64Array(columns);

  const grow = (): HyperplaneTree => {
    const normals: number[] = [];
    const offsets: number[] = [];
    const plane: number[] = [];
    const left: number[] = [];
    const right: number[] = [];
    const value: number[] = [];
    const visit = (start: number, end: number, depth: number): number => {
      const node = plane.push(-1) - 1;
      left.push(0);
      right.push(0);
      value.push(0);
      const offset = depth < depthLimit && end - start > 1 ? draw(rowOrder, start, end, normal) : undefined;
      if (offset === undefined) {
        value[node] = depth + averagePathLength(end - start);
        return node;
      }
      let middle = start;
      for (let i = start; i < end; i++) {
        const row = rowOrder[i]!;
        let place = 0;
        for (let j = 0; j < columns; j++) place += rows[row * columns + j]! * normal[j]!;
        if (place <= offset) {
          rowOrder[i] = rowOrder[middle]!;
          rowOrder[middle++] = row;
        }
      }
      plane[node] = offsets.push(offset) - 1;
      for (const entry of normal) normals.push(entry);
      left[node] = visit(start, middle, depth + 1);
      right[node] = visit(middle, end, depth + 1);
      return node;
    };
    // The order is shuffled further for every tree: its first entries are a fresh draw each time.
    for (let i = 0; i < sampled; i++) {
      const j = i + stream.integer(count - i);
      const row = rowOrder[i]!;
      rowOrder[i] = rowOrder[j]!;
      rowOrder[j] = row;
    }
    visit(0, sampled, 0);
    return {
      normals: Float64Array.from(normals),
      offsets: Float64Array.from(offsets),
      plane: Int32Array.from(plane),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      value: Float32Array.from(value),
    };
  };
  return { trees: Array.from({ length: treeCount }, grow), columns, sampleSize: sampled };
}
