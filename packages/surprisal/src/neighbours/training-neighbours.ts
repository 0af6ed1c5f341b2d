import { emitModel, input, openSession, simplify, symbol } from "@surprisal/engine";
import { nearestNeighbours, searchLayout } from "./graph.js";
import type { PointSet } from "./point-set.js";
import { startTreeWorker, type TreeWorker, threadCount } from "./tree-workers.js";

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
  /** Default: by the cost measured on some of the points. */
  readonly method?: "products" | "tree";
}

/** Fewer points are searched by products without asking what a tree would cost. */
const LEAST_TREE_POINTS = 4096;

/** A tree compares at least so many boxes and points for a query: where even that is too much, it is not built. */
const LEAST_COMPARED = 150;

/** Points on which the work of a tree is measured. */
const PROBES = 64;

/** Points of a request to a worker. */
const RUN = 2048;

/** Elements of the largest intermediate value of a call. */
const ELEMENTS_PER_CALL = 1 << 22;

/**
 * Whether a tree that compares so many boxes and points for a query is faster than products with all
 * points. The terms are nanoseconds on one core; counts decide, not clocks, so that the same rows
 * always take the same way.
 */
export function isTreeFaster(compared: number, count: number, columns: number): boolean {
  return compared * (20 + 3 * columns) < count * (2 + 0.03 * columns);
}

/**
 * The k nearest other points of every point, exact up to float32, for 1 ≤ k < count: by a k-d tree
 * in worker threads, or by blocked matrix products, whichever is less work on a sample of the
 * points. Memory O(count · (k + columns)). A point is no neighbour of its own, but its exact
 * duplicates are; of equal distances any may come first.
 */
export async function trainingNeighbours(
  set: PointSet,
  k: number,
  context: SearchContext = {},
): Promise<TrainingNeighbours> {
  context.signal?.throwIfAborted();
  const { method } = context;
  const { count, columns } = set;
  const isTreeHopeless = count < LEAST_TREE_POINTS || !isTreeFaster(LEAST_COMPARED, count, columns);
  if (method === "products" || (method === undefined && isTreeHopeless)) return byProducts(set, k, context);
  return (await byTree(set, k, context)) ?? byProducts(set, k, context);
}

async function byProducts(set: PointSet, k: number, context: SearchContext): Promise<TrainingNeighbours> {
  const { count, columns, points } = set;
  // One more, since the point itself is among the nearest.
  const found = k + 1;
  const x = input("x", [symbol("N"), columns]);
  const { indices, squares } = nearestNeighbours(x, set, found);
  const [first, second] = simplify([indices, squares]);
  const rows = Math.max(
    1,
    Math.floor(ELEMENTS_PER_CALL / searchLayout(count, columns, found).elementsPerRow),
  );
  const result = { indices: new Uint32Array(count * k), squares: new Float32Array(count * k), k };
  await using session = await openSession(emitModel({ outputs: { indices: first!, squares: second! } }));
  for (let from = 0; from < count; from += rows) {
    context.signal?.throwIfAborted();
    const to = Math.min(count, from + rows);
    const data = points.subarray(from * columns, to * columns);
    const part = await session.run({ x: { dtype: "float32", shape: [to - from, columns], data } });
    const parts = {
      indices: part.indices!.data as BigInt64Array,
      squares: part.squares!.data as Float32Array,
    };
    for (let row = from; row < to; row++) withoutSelf(parts, (row - from) * found, row, result);
    context.onProgress?.(to / count);
  }
  return result;
}

/** Copies the k + 1 neighbours at `from` but the point itself: or the last, where k + 1 duplicates hide it. */
function withoutSelf(
  { indices, squares }: { readonly indices: BigInt64Array; readonly squares: Float32Array },
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

/** Nothing where products are faster. */
async function byTree(
  set: PointSet,
  k: number,
  context: SearchContext,
): Promise<TrainingNeighbours | undefined> {
  const { count, columns, points } = set;
  const { signal, onProgress, method } = context;
  const workers: TreeWorker[] = [await startTreeWorker()];
  const stop = () => Promise.all(workers.map((worker) => worker.stop()));
  try {
    const tree = await workers[0]!.ask({ type: "build", rows: points, columns });
    if (method === undefined) {
      const step = Math.ceil(count / PROBES);
      const probe = await workers[0]!.ask({ type: "search", k, from: 0, to: count, step });
      if (!isTreeFaster(probe.compared / Math.ceil(count / step), count, columns)) return undefined;
    }
    const threads = Math.min(await threadCount(), Math.ceil(count / RUN));
    while (workers.length < threads) {
      const worker = await startTreeWorker();
      workers.push(worker);
      await worker.ask({ type: "load", tree });
    }
    const result = { indices: new Uint32Array(count * k), squares: new Float32Array(count * k), k };
    let next = 0;
    let done = 0;
    const work = async (worker: TreeWorker): Promise<void> => {
      while (next < count) {
        signal?.throwIfAborted();
        const from = next;
        const to = Math.min(count, from + RUN);
        next = to;
        const part = await worker.ask({ type: "search", k, from, to, step: 1 });
        for (let i = from; i < to; i++) {
          const at = tree.order[i]! * k;
          result.indices.set(part.indices.subarray((i - from) * k, (i - from + 1) * k), at);
          result.squares.set(part.squares.subarray((i - from) * k, (i - from + 1) * k), at);
        }
        done += to - from;
        onProgress?.(done / count);
      }
    };
    await Promise.all(workers.map(work));
    return result;
  } finally {
    await stop();
  }
}
