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

/** Rows with the nearest of some centres. */
interface Nearest {
  readonly labels: Uint32Array;
  /** Squared distances. */
  readonly squares: Float64Array;
}

/** The first of the rows up to which the values sum to more than `wanted`, and whose own is not 0. */
function rowAt(cumulative: Float64Array, wanted: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * A quarter of the squared distance of each of `trials` new centres from each of the `made` ones,
 * [made, trials]. A row less than half as far from its centre as that is from a new one is not nearer
 * to the new one, and needs no comparison.
 */
function quarterSquares(centers: Float64Array, made: number, trials: Float64Array, columns: number) {
  const count = trials.length / columns;
  const quarters = new Float64Array(made * count);
  for (let center = 0; center < made; center++) {
    for (let trial = 0; trial < count; trial++) {
      let square = 0;
      for (let j = 0; j < columns; j++) {
        square += (centers[center * columns + j]! - trials[trial * columns + j]!) ** 2;
      }
      quarters[center * count + trial] = square / 4;
    }
  }
  return quarters;
}

/** How much nearer each of some new centres comes to the rows that it takes over. */
function gainsOf(
  rows: Float32Array,
  columns: number,
  { labels, squares }: Nearest,
  trials: Float64Array,
  quarters: Float64Array,
): Float64Array {
  const count = trials.length / columns;
  const gains = new Float64Array(count);
  for (let i = 0; i < labels.length; i++) {
    const own = squares[i]!;
    const first = labels[i]! * count;
    for (let trial = 0; trial < count; trial++) {
      if (own <= quarters[first + trial]!) continue;
      const square = squareDistance(rows, i, trials, trial, columns);
      if (square < own) gains[trial] = gains[trial]! + own - square;
    }
  }
  return gains;
}

/**
 * First centres by greedy k-means++ (Arthur & Vassilvitskii 2007): of 2 + log k rows drawn with
 * probabilities proportional to their squared distances from the centres so far, the one that
 * leaves the least of them.
 */
function firstCenters(rows: Float32Array, columns: number, clusters: number, stream: RandomStream) {
  const count = rows.length / columns;
  const centers = new Float64Array(clusters * columns);
  const trials = new Float64Array((2 + Math.floor(Math.log(clusters))) * columns);
  const trialCount = trials.length / columns;
  const copyRow = (row: number, to: Float64Array, place: number) => {
    for (let j = 0; j < columns; j++) to[place * columns + j] = rows[row * columns + j]!;
  };
  const labels = new Uint32Array(count);
  const squares = new Float64Array(count);
  const cumulative = new Float64Array(count);
  const nearest: Nearest = { labels, squares };
  copyRow(stream.integer(count), centers, 0);
  for (let i = 0; i < count; i++) squares[i] = squareDistance(rows, i, centers, 0, columns);
  let made = 1;
  for (; made < clusters; made++) {
    let total = 0;
    for (let i = 0; i < count; i++) {
      total += squares[i]!;
      cumulative[i] = total;
    }
    if (!(total > 0)) break;
    for (let trial = 0; trial < trialCount; trial++) {
      copyRow(rowAt(cumulative, stream.uniform() * total), trials, trial);
    }
    const quarters = quarterSquares(centers, made, trials, columns);
    const gains = gainsOf(rows, columns, nearest, trials, quarters);
    const best = gains.indexOf(gains.reduce((most, gain) => Math.max(most, gain)));
    centers.set(trials.subarray(best * columns, (best + 1) * columns), made * columns);
    for (let i = 0; i < count; i++) {
      if (squares[i]! <= quarters[labels[i]! * trialCount + best]!) continue;
      const square = squareDistance(rows, i, centers, made, columns);
      if (square >= squares[i]!) continue;
      squares[i] = square;
      labels[i] = made;
    }
  }
  return { centers: centers.subarray(0, made * columns), nearest };
}

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

/** The rows of each cluster and the sums of their columns, [clusters, columns]. */
interface Sums {
  readonly sizes: Uint32Array;
  readonly sums: Float64Array;
}

/** Adds a row to a cluster (sign 1) or takes it away (-1). */
function addRow(
  rows: Float32Array,
  row: number,
  { sizes, sums }: Sums,
  label: number,
  sign: number,
  columns: number,
) {
  sizes[label] = sizes[label]! + sign;
  for (let j = 0, from = row * columns, to = label * columns; j < columns; j++) {
    sums[to + j] = sums[to + j]! + sign * rows[from + j]!;
  }
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
    addRow(rows, farthest, clusters, labels[farthest]!, -1, columns);
    labels[farthest] = empty;
    addRow(rows, farthest, clusters, empty, 1, columns);
  }
  return sums.map((sum, i) => sum / sizes[Math.floor(i / columns)]!);
}

/** For each centre the longest move of any other. */
function largestOfOthers(moves: Float64Array): Float64Array {
  let [most, second] = [0, 0];
  for (const move of moves) {
    if (move > most) [most, second] = [move, most];
    else if (move > second) second = move;
  }
  return moves.map((move) => (move === most ? second : most));
}

/** Half of the distance of each centre from the nearest other one: rows closer than that stay. */
function halfGaps(centers: Float64Array, columns: number): Float64Array {
  const clusters = centers.length / columns;
  const gaps = new Float64Array(clusters).fill(Number.POSITIVE_INFINITY);
  for (let a = 0; a < clusters; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let j = 0; j < columns; j++)
        square += (centers[a * columns + j]! - centers[b * columns + j]!) ** 2;
      const half = Math.sqrt(square) / 2;
      gaps[a] = Math.min(gaps[a]!, half);
      gaps[b] = Math.min(gaps[b]!, half);
    }
  }
  return gaps;
}

/** Each row's cluster, and bounds on its distances from the centres (Hamerly 2010). */
interface Assignment {
  readonly labels: Uint32Array;
  /** At most so far is a row's own centre. */
  readonly own: Float64Array;
  /** At least so far is any other. */
  readonly other: Float64Array;
}

/** The nearest centre of a row, whose distance and that of the next one become its bounds. */
function nearestCenter(
  rows: Float32Array,
  row: number,
  columns: number,
  centers: Float64Array,
  { own, other }: Assignment,
): number {
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
  own[row] = Math.sqrt(first);
  other[row] = Math.sqrt(second);
  return label;
}

/** Assigns rows to the nearest of centres that have moved; bounds skip those that cannot change cluster. Returns how many do. */
function reassign(
  rows: Float32Array,
  columns: number,
  assignment: Assignment,
  centers: Float64Array,
  moves: Float64Array,
  sums: Sums,
): number {
  const { labels, own, other } = assignment;
  const approaches = largestOfOthers(moves);
  const safe = halfGaps(centers, columns);
  let changed = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const near = own[i]! + moves[label]!;
    const far = other[i]! - approaches[label]!;
    own[i] = near;
    other[i] = far;
    const bound = Math.max(far, safe[label]!);
    if (near < bound) continue;
    own[i] = Math.sqrt(squareDistance(rows, i, centers, label, columns));
    if (own[i]! < bound) continue;
    const nearest = nearestCenter(rows, i, columns, centers, assignment);
    if (nearest === label) continue;
    addRow(rows, i, sums, label, -1, columns);
    addRow(rows, i, sums, nearest, 1, columns);
    labels[i] = nearest;
    changed++;
  }
  return changed;
}

/** The clusters' sums, from the rows' labels. */
function sumClusters(rows: Float32Array, columns: number, labels: Uint32Array, clusters: number): Sums {
  const made: Sums = { sizes: new Uint32Array(clusters), sums: new Float64Array(clusters * columns) };
  for (let i = 0; i < labels.length; i++) addRow(rows, i, made, labels[i]!, 1, columns);
  return made;
}

/** How far each centre moves. */
function movesOf(from: Float64Array, to: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: from.length / columns }, (_, center) => {
    let square = 0;
    for (let j = center * columns; j < (center + 1) * columns; j++) square += (to[j]! - from[j]!) ** 2;
    return Math.sqrt(square);
  });
}

/** One run of Lloyd's algorithm. */
async function lloyd(
  rows: Float32Array,
  columns: number,
  { centers: first, nearest }: { readonly centers: Float64Array; readonly nearest: Nearest },
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
    if (rows.length * clusters > STEP_ELEMENTS) await new Promise((resolve) => setTimeout(resolve));
    iterations++;
    const next = moveCenters(rows, columns, labels, centers, sums);
    const moves = movesOf(centers, next, columns);
    centers = next;
    const changed = reassign(rows, columns, assignment, centers, moves, sums);
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
