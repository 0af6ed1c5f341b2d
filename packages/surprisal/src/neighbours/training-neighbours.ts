import { emitModel, input, openLanes, simplify, symbol } from "@surprisal/engine";
import type { PointSet } from "./point-set.js";
import { nearestNeighbours, searchElements } from "./search.js";

/** The k nearest other points of every point. */
export interface TrainingNeighbours {
  /** [count, k]: rows of the point set, nearest first. */
  readonly indices: Uint32Array;
  /** [count, k]: squared distances in the units of the point set. */
  readonly squares: Float32Array;
  readonly k: number;
}

export interface SearchContext {
  readonly signal?: AbortSignal | undefined;
  /** Called with the part that is done, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Elements of the largest intermediate value of a call. */
const ELEMENTS_PER_CALL = 1 << 22;

/** A larger program without a loop is opened once only, for all threads. */
const LARGEST_LANE = 1 << 25;

/** Rows in the order of the cells, so that those of a call meet in few cells; or as they are. */
function rowsInOrder({ cells, count }: PointSet): Int32Array {
  if (!cells) return Int32Array.from({ length: count }, (_, i) => i);
  const seen = new Uint8Array(count);
  // A place that is left over repeats a row.
  return cells.order.filter((row) => {
    const isNew = seen[row] === 0;
    seen[row] = 1;
    return isNew;
  });
}

/**
 * The k nearest other points of every point, exact up to float32, for 1 ≤ k < count, by the search
 * that the set has (`nearestNeighbours`). Memory O(count · (k + columns)). A point is no neighbour of
 * its own, but its exact duplicates are; of equal distances any may come first.
 */
export async function trainingNeighbours(
  set: PointSet,
  k: number,
  { signal, onProgress }: SearchContext = {},
): Promise<TrainingNeighbours> {
  signal?.throwIfAborted();
  const { count, columns, points } = set;
  // One more, since the point itself is among the nearest.
  const found = k + 1;
  const x = input("x", [symbol("N"), columns]);
  const { indices, squares } = nearestNeighbours(x, set, found);
  const [first, second] = simplify([indices(), squares]);
  const batchSize = Math.max(1, Math.floor(ELEMENTS_PER_CALL / searchElements(set, found)));
  const result = { indices: new Uint32Array(count * k), squares: new Float32Array(count * k), k };
  const order = rowsInOrder(set);
  let done = 0;
  const program = emitModel({ outputs: { indices: first!, squares: second! } });
  const sideBySide = set.cells !== undefined || program.length <= LARGEST_LANE;
  await using lanes = await openLanes(program, { sideBySide, rows: count });
  const work: Parameters<typeof lanes.forEachBatch>[2] = async (session, from, to) => {
    const data = new Float32Array((to - from) * columns);
    for (let i = from, k = 0; i < to; i++) {
      const row = order[i]! * columns;
      for (let j = 0; j < columns; j++) data[k++] = points[row + j]!;
    }
    const x = { dtype: "float32", shape: [to - from, columns], data } as const;
    const part = await session.run({ x }, { handOver: true });
    const parts = {
      indices: part.indices!.data as BigInt64Array | Int32Array,
      squares: part.squares!.data as Float32Array,
    };
    for (let i = from; i < to; i++) withoutSelf(parts, (i - from) * found, order[i]!, result);
    done += to - from;
    onProgress?.(done / count);
  };
  await lanes.forEachBatch(count, batchSize, work, signal);
  return result;
}

/** Copies the k + 1 neighbours at `from` but the point itself: or the last, where k + 1 duplicates hide it. */
function withoutSelf(
  { indices, squares }: { readonly indices: BigInt64Array | Int32Array; readonly squares: Float32Array },
  from: number,
  row: number,
  into: TrainingNeighbours,
): void {
  let to = row * into.k;
  const end = to + into.k;
  for (let i = from; to < end; i++) {
    const index = Number(indices[i]!);
    if (index === row) continue;
    into.indices[to] = index;
    into.squares[to++] = squares[i]!;
  }
}
