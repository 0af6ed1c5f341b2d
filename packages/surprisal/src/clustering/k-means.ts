import { randomStream } from "@surprisal/engine";
import { reassignByBounds } from "./bounded-assignment.js";
import { moveRow, type Sums, sumClusters } from "./cluster-sums.js";
import { type FirstCenters, firstCenters } from "./first-centers.js";
import { isWorthProducts, openProductDistances, type ProductDistances } from "./product-distances.js";
import { squareDistance } from "./square-distance.js";

export interface KMeansOptions {
  /** Number of clusters; no more than there are distinct rows are made. */
  readonly clusters: number;
  /** Runs from other first centres, of which the one with the least inertia counts. */
  readonly starts: number;
  readonly maxIterations: number;
  /** Ends when the centres' squared moves sum to less than this part of the columns' mean variance. */
  readonly tolerance: number;
  /** Seed of the stream "k-means". */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

export interface KMeans {
  /** [clusters, columns]. */
  readonly centers: Float64Array;
  /** The cluster of each row: that of the nearest centre. */
  readonly labels: Uint32Array;
  /** Rows of each cluster. */
  readonly sizes: Uint32Array;
  /** Sum of the squared distances of the rows from their centres. */
  readonly inertia: number;
  readonly iterations: number;
}

/** Lets others run between iterations that take more than about a millisecond. */
const STEP_ELEMENTS = 1 << 20;

function meanVariance(rows: Float32Array, columns: number): number {
  const count = rows.length / columns;
  let total = 0;
  const means = new Float64Array(columns);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) means[j] = means[j]! + rows[at++]!;
  }
  for (let j = 0; j < columns; j++) means[j] = means[j]! / count;
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) total += (rows[at++]! - means[j]!) ** 2;
  }
  return total / count / columns;
}

/** Means of the clusters; one without rows takes the row that is farthest from its own centre. */
function moveCenters(
  rows: Float32Array,
  columns: number,
  labels: Uint32Array,
  centers: Float64Array,
  clusters: Sums,
) {
  const { sizes, sums } = clusters;
  for (let empty = sizes.indexOf(0); empty >= 0; empty = sizes.indexOf(0)) {
    let farthest = -1;
    let distance = -1;
    for (let i = 0; i < labels.length; i++) {
      const square = squareDistance(rows, i, centers, labels[i]!, columns);
      if (sizes[labels[i]!]! > 1 && square > distance) [farthest, distance] = [i, square];
    }
    moveRow(rows, farthest, clusters, labels, empty, columns);
  }
  return sums.map((sum, i) => sum / sizes[Math.floor(i / columns)]!);
}

/** How far each centre moves. */
function movesOf(from: Float64Array, to: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: from.length / columns }, (_, center) => {
    let square = 0;
    for (let j = center * columns; j < (center + 1) * columns; j++) square += (to[j]! - from[j]!) ** 2;
    return Math.sqrt(square);
  });
}

/** Assigns rows to the nearest of some centres by products with all. Returns how many change cluster. */
async function reassignByProducts(
  products: ProductDistances,
  rows: Float32Array,
  columns: number,
  labels: Uint32Array,
  centers: Float64Array,
  clusters: Sums,
): Promise<number> {
  const nearest = await products.nearest(centers);
  let changed = 0;
  for (let i = 0; i < labels.length; i++) {
    if (nearest[i] === labels[i]) continue;
    moveRow(rows, i, clusters, labels, nearest[i]!, columns);
    changed++;
  }
  return changed;
}

/** One run of Lloyd's algorithm. */
async function lloyd(
  rows: Float32Array,
  columns: number,
  { centers: first, nearest }: FirstCenters,
  products: ProductDistances | undefined,
  { maxIterations, tolerance, signal }: KMeansOptions,
): Promise<KMeans> {
  const count = rows.length / columns;
  const clusters = first.length / columns;
  const limit = tolerance * meanVariance(rows, columns);
  const { labels } = nearest;
  const assignment = { labels, own: nearest.squares.map(Math.sqrt), other: new Float64Array(count) };
  const sums = sumClusters(rows, columns, labels, clusters);
  let centers = first;
  let iterations = 0;
  while (iterations < maxIterations) {
    signal?.throwIfAborted();
    const isLong = !products && rows.length * clusters > STEP_ELEMENTS;
    if (isLong) await new Promise((resolve) => setTimeout(resolve));
    iterations++;
    const next = moveCenters(rows, columns, labels, centers, sums);
    const moves = movesOf(centers, next, columns);
    centers = next;
    const changed = products
      ? await reassignByProducts(products, rows, columns, labels, centers, sums)
      : reassignByBounds(rows, columns, assignment, centers, moves, sums);
    if (changed === 0 || moves.reduce((total, move) => total + move * move, 0) <= limit) break;
  }
  let inertia = 0;
  for (let i = 0; i < count; i++) inertia += squareDistance(rows, i, centers, labels[i]!, columns);
  return { centers, labels, sizes: sums.sizes, inertia, iterations };
}

/**
 * k-means by Lloyd's algorithm from greedy k-means++ centres, as scikit-learn's `KMeans`, on `rows`
 * [n, columns], row-major and finite, n ≥ 1. There are fewer clusters than asked for where there are
 * fewer distinct rows.
 */
export async function kMeans(rows: Float32Array, columns: number, options: KMeansOptions): Promise<KMeans> {
  const { maxIterations, signal, starts } = options;
  const clusters = Math.min(options.clusters, rows.length / columns);
  const stream = randomStream(options.seed, "k-means");
  const isWorth = maxIterations > 0 && isWorthProducts(rows, columns, clusters);
  const products = isWorth ? await openProductDistances(rows, columns, clusters) : undefined;
  try {
    let best: KMeans | undefined;
    for (let start = 0; start < Math.max(1, starts); start++) {
      signal?.throwIfAborted();
      const first = await firstCenters(rows, columns, clusters, stream, products);
      const run = await lloyd(rows, columns, first, products, options);
      if (!best || run.inertia < best.inertia) best = run;
    }
    return best!;
  } finally {
    await products?.close();
  }
}
