import { type RandomStream, randomStream } from "@surprisal/engine";

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

function squareDistance(
  rows: Float32Array,
  row: number,
  centers: Float64Array,
  center: number,
  columns: number,
) {
  let total = 0;
  for (let j = 0; j < columns; j++) {
    const difference = rows[row * columns + j]! - centers[center * columns + j]!;
    total += difference * difference;
  }
  return total;
}

/**
 * First centres by greedy k-means++ (Arthur & Vassilvitskii 2007): of 2 + log k rows drawn with
 * probabilities proportional to their squared distances from the centres so far, the one that
 * leaves the least of them.
 */
function firstCenters(rows: Float32Array, columns: number, clusters: number, stream: RandomStream) {
  const count = rows.length / columns;
  const trials = 2 + Math.floor(Math.log(clusters));
  const centers = new Float64Array(clusters * columns);
  const place = (center: number, row: number) => {
    for (let j = 0; j < columns; j++) centers[center * columns + j] = rows[row * columns + j]!;
  };
  place(0, stream.integer(count));
  let nearest = new Float64Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    nearest[i] = squareDistance(rows, i, centers, 0, columns);
    total += nearest[i]!;
  }
  let made = 1;
  for (; made < clusters && total > 0; made++) {
    let bestRow = -1;
    let bestTotal = Number.POSITIVE_INFINITY;
    let best = nearest;
    for (let trial = 0; trial < trials; trial++) {
      let rest = stream.uniform() * total;
      let row = 0;
      while (row < count - 1 && (rest >= nearest[row]! || nearest[row] === 0)) rest -= nearest[row++]!;
      place(made, row);
      const after = new Float64Array(count);
      let afterTotal = 0;
      for (let i = 0; i < count; i++) {
        after[i] = Math.min(nearest[i]!, squareDistance(rows, i, centers, made, columns));
        afterTotal += after[i]!;
      }
      if (afterTotal < bestTotal) [bestRow, bestTotal, best] = [row, afterTotal, after];
    }
    place(made, bestRow);
    nearest = best;
    total = bestTotal;
  }
  return centers.subarray(0, made * columns);
}

/** The two nearest centres of a row: which is nearest, and both distances. */
function twoNearest(rows: Float32Array, row: number, centers: Float64Array, columns: number) {
  let label = 0;
  let first = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let center = 0; center * columns < centers.length; center++) {
    const square = squareDistance(rows, row, centers, center, columns);
    if (square < first) {
      second = first;
      first = square;
      label = center;
    } else if (square < second) second = square;
  }
  return { label, first: Math.sqrt(first), second: Math.sqrt(second) };
}

function meanVariance(rows: Float32Array, columns: number): number {
  const count = rows.length / columns;
  let total = 0;
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    for (let i = 0; i < count; i++) mean += rows[i * columns + j]! / count;
    for (let i = 0; i < count; i++) total += (rows[i * columns + j]! - mean) ** 2 / count;
  }
  return total / columns;
}

/** Means of the clusters; one without rows takes the row that is farthest from its own centre. */
function moveCenters(rows: Float32Array, columns: number, labels: Uint32Array, centers: Float64Array) {
  const clusters = centers.length / columns;
  const sizes = new Uint32Array(clusters);
  const sums = new Float64Array(centers.length);
  const addRow = (row: number, label: number, sign: 1 | -1) => {
    sizes[label] = sizes[label]! + sign;
    for (let j = 0; j < columns; j++)
      sums[label * columns + j] = sums[label * columns + j]! + sign * rows[row * columns + j]!;
  };
  for (let i = 0; i < labels.length; i++) addRow(i, labels[i]!, 1);
  for (let empty = sizes.indexOf(0); empty >= 0; empty = sizes.indexOf(0)) {
    let farthest = -1;
    let distance = -1;
    for (let i = 0; i < labels.length; i++) {
      const square = squareDistance(rows, i, centers, labels[i]!, columns);
      if (sizes[labels[i]!]! > 1 && square > distance) [farthest, distance] = [i, square];
    }
    addRow(farthest, labels[farthest]!, -1);
    labels[farthest] = empty;
    addRow(farthest, empty, 1);
  }
  return sums.map((sum, i) => sum / sizes[Math.floor(i / columns)]!);
}

/** One run of Lloyd's algorithm; bounds on distances (Hamerly 2010) skip rows that cannot change cluster. */
async function lloyd(
  rows: Float32Array,
  columns: number,
  first: Float64Array,
  { maxIterations, tolerance, signal }: KMeansOptions,
): Promise<KMeans> {
  const count = rows.length / columns;
  const clusters = first.length / columns;
  const limit = tolerance * meanVariance(rows, columns);
  const labels = new Uint32Array(count);
  // At most the distance from its own centre, at least that from any other.
  const own = new Float64Array(count);
  const other = new Float64Array(count);
  let centers = first;
  const assign = (row: number): boolean => {
    const found = twoNearest(rows, row, centers, columns);
    const isMoved = labels[row] !== found.label;
    labels[row] = found.label;
    own[row] = found.first;
    other[row] = found.second;
    return isMoved;
  };
  for (let i = 0; i < count; i++) assign(i);

  let iterations = 0;
  while (iterations < maxIterations) {
    signal?.throwIfAborted();
    if (rows.length * clusters > STEP_ELEMENTS) await new Promise((resolve) => setTimeout(resolve));
    iterations++;
    const next = moveCenters(rows, columns, labels, centers);
    const moves = Float64Array.from({ length: clusters }, (_, center) => {
      let square = 0;
      for (let j = center * columns; j < (center + 1) * columns; j++) square += (next[j]! - centers[j]!) ** 2;
      return Math.sqrt(square);
    });
    centers = next;
    const largest = moves.reduce((a, b) => Math.max(a, b), 0);
    let changed = 0;
    for (let i = 0; i < count; i++) {
      own[i] = own[i]! + moves[labels[i]!]!;
      other[i] = other[i]! - largest;
      if (own[i]! < other[i]!) continue;
      own[i] = Math.sqrt(squareDistance(rows, i, centers, labels[i]!, columns));
      if (own[i]! >= other[i]! && assign(i)) changed++;
    }
    if (changed === 0 || moves.reduce((total, move) => total + move * move, 0) <= limit) break;
  }
  const sizes = new Uint32Array(clusters);
  let inertia = 0;
  for (let i = 0; i < count; i++) {
    sizes[labels[i]!] = sizes[labels[i]!]! + 1;
    inertia += squareDistance(rows, i, centers, labels[i]!, columns);
  }
  return { centers, labels, sizes, inertia, iterations };
}

/**
 * k-means by Lloyd's algorithm from greedy k-means++ centres, as scikit-learn's `KMeans`, on `rows`
 * [n, columns], row-major and finite, n ≥ 1. There are fewer clusters than asked for where there are
 * fewer distinct rows.
 */
export async function kMeans(rows: Float32Array, columns: number, options: KMeansOptions): Promise<KMeans> {
  const clusters = Math.min(options.clusters, rows.length / columns);
  const stream = randomStream(options.seed, "k-means");
  let best: KMeans | undefined;
  for (let start = 0; start < Math.max(1, options.starts); start++) {
    options.signal?.throwIfAborted();
    const run = await lloyd(rows, columns, firstCenters(rows, columns, clusters, stream), options);
    if (!best || run.inertia < best.inertia) best = run;
  }
  return best!;
}
