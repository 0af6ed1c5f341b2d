import type { RandomStream } from "@surprisal/engine";
import type { ProductDistances } from "./product-distances.js";
import { squareDistance } from "./square-distance.js";

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

const indexOfLargest = (values: Float64Array) => values.indexOf(values.reduce((a, b) => Math.max(a, b)));

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
 * The one of some new centres that comes nearest to the rows it takes over, which `nearest` then
 * counts as the centre `made`. Distances are compared that bounds cannot rule out.
 */
function adoptBest(
  rows: Float32Array,
  columns: number,
  nearest: Nearest,
  centers: Float64Array,
  made: number,
  trials: Float64Array,
): number {
  const { labels, squares } = nearest;
  const trialCount = trials.length / columns;
  const quarters = quarterSquares(centers, made, trials, columns);
  const best = indexOfLargest(gainsOf(rows, columns, nearest, trials, quarters));
  for (let i = 0; i < labels.length; i++) {
    if (squares[i]! <= quarters[labels[i]! * trialCount + best]!) continue;
    const square = squareDistance(rows, i, trials, best, columns);
    if (square >= squares[i]!) continue;
    squares[i] = square;
    labels[i] = made;
  }
  return best;
}

/** How much nearer a new centre comes to the rows that it takes over, from its squared distances of all. */
function gainOf(squares: Float64Array, others: Float64Array): number {
  let gain = 0;
  for (let i = 0; i < squares.length; i++) {
    const difference = squares[i]! - others[i]!;
    if (difference > 0) gain += difference;
  }
  return gain;
}

function takeNearer({ labels, squares }: Nearest, others: Float64Array, label: number): void {
  for (let i = 0; i < squares.length; i++) {
    if (others[i]! >= squares[i]!) continue;
    squares[i] = others[i]!;
    labels[i] = label;
  }
}

/** As `adoptBest`, by products with all rows. */
async function adoptBestByProducts(
  products: ProductDistances,
  columns: number,
  nearest: Nearest,
  made: number,
  trials: Float64Array,
): Promise<number> {
  const count = nearest.labels.length;
  const all = await products.squares(trials);
  const squaresOf = (trial: number) => all.subarray(trial * count, (trial + 1) * count);
  const gains = Float64Array.from({ length: trials.length / columns }, (_, trial) =>
    gainOf(nearest.squares, squaresOf(trial)),
  );
  const best = indexOfLargest(gains);
  takeNearer(nearest, squaresOf(best), made);
  return best;
}

/** First centres, [made, columns], and the nearest of them to each row. */
export interface FirstCenters {
  readonly centers: Float64Array;
  readonly nearest: Nearest;
}

/**
 * First centres by greedy k-means++ (Arthur & Vassilvitskii 2007): of 2 + log k rows drawn with
 * probabilities proportional to their squared distances from the centres so far, the one that
 * leaves the least of them. Fewer than `clusters` where there are fewer distinct rows.
 */
export async function firstCenters(
  rows: Float32Array,
  columns: number,
  clusters: number,
  stream: RandomStream,
  products: ProductDistances | undefined,
): Promise<FirstCenters> {
  const count = rows.length / columns;
  const centers = new Float64Array(clusters * columns);
  const trials = new Float64Array((2 + Math.floor(Math.log(clusters))) * columns);
  const copyRow = (row: number, to: Float64Array, place: number) => {
    for (let j = 0; j < columns; j++) to[place * columns + j] = rows[row * columns + j]!;
  };
  const squares = new Float64Array(count);
  const nearest: Nearest = { labels: new Uint32Array(count), squares };
  const cumulative = new Float64Array(count);
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
    for (let trial = 0; trial * columns < trials.length; trial++) {
      copyRow(rowAt(cumulative, stream.uniform() * total), trials, trial);
    }
    const best = products
      ? await adoptBestByProducts(products, columns, nearest, made, trials)
      : adoptBest(rows, columns, nearest, centers, made, trials);
    centers.set(trials.subarray(best * columns, (best + 1) * columns), made * columns);
  }
  return { centers: centers.subarray(0, made * columns), nearest };
}
