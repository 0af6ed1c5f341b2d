import { randomStream } from "@surprisal/engine";
import { histogramRange, likeliestBins } from "../../empirical/index.js";
import { SurprisalError } from "../../errors.js";
import { columnTable } from "../../numeric/index.js";

export interface LodaOptions {
  /** Number of random projections. Default 100. */
  readonly projections?: number;
  /** Bins of every histogram, or "auto" for a number of its own. Default 10. */
  readonly bins?: number | "auto";
  /** Seed of the stream "loda". Default 0. */
  readonly seed?: number;
}

/** A column of bins for each projection, and what a row in a bin scores. */
export interface Loda {
  /** [columns, projections] row-major, and [projections]: floor(x weights + offsets) is a row's bin. */
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
  /** Number of bins of each projection. */
  readonly bins: Int32Array;
  /**
   * -log p of the bins, for each projection in turn: that of a row below all bins, of its bins, and
   * of a row above all.
   */
  readonly surprises: Float32Array;
}

/** Rows that an empty bin counts for, as in PyOD. */
const EMPTY = 1e-12;

/**
 * Directions of LODA, [projections, columns] row-major: ⌊√columns⌋ places of each hold a sample of
 * the standard normal distribution, the others 0.
 */
export function drawDirections(projections: number, columns: number, seed: number): Float64Array {
  const stream = randomStream(seed, "loda");
  const directions = new Float64Array(projections * columns);
  const used = Math.floor(Math.sqrt(columns));
  for (let p = 0; p < projections; p++) {
    for (const column of stream.choice(columns, used)) directions[p * columns + column] = stream.normal();
  }
  return directions;
}

/** Columns that are added up in one pass over the rows. */
const COLUMNS_PER_PASS = 3;

/** Each row's place along a direction; `table` holds the columns one after the other. */
function project(table: Float64Array, direction: Float64Array, places: Float64Array): void {
  const count = places.length;
  const used = [...direction.keys()].filter((column) => direction[column] !== 0);
  places.fill(0);
  for (let first = 0; first < used.length; first += COLUMNS_PER_PASS) {
    // Where a pass has fewer columns, some count nothing.
    const [a = 0, b = 0, c = 0] = used.slice(first, first + COLUMNS_PER_PASS);
    const weight = (place: number) => (first + place < used.length ? direction[used[first + place]!]! : 0);
    addColumns(table, [a * count, b * count, c * count], [weight(0), weight(1), weight(2)], places);
  }
}

/** Adds multiples of three columns, which begin at the given places of the table. */
function addColumns(
  table: Float64Array,
  [a, b, c]: readonly [number, number, number],
  [p, q, r]: readonly [number, number, number],
  places: Float64Array,
): void {
  for (let row = 0; row < places.length; row++) {
    places[row] = places[row]! + p * table[a + row]! + q * table[b + row]! + r * table[c + row]!;
  }
}

/** Counts side by side: a count waits for the one before it only where that is of the same array. */
const TALLIES = 4;

/** How many places are in each of the bins of equal width from `low` on, as the graph rounds them. */
function countBins(places: Float64Array, bins: number, low: number, width: number): Uint32Array {
  const tallies = new Uint32Array(TALLIES * bins);
  const [scale, offset, last] = [1 / width, -low / width, bins - 1];
  const fours = places.length - (places.length % TALLIES);
  // Where a range is nothing but rounding, so is the place in it.
  const binOf = (place: number) => Math.min(last, Math.max(0, place * scale + offset)) | 0;
  for (let row = 0; row < fours; row += TALLIES) {
    tallies[binOf(places[row]!)]!++;
    tallies[bins + binOf(places[row + 1]!)]!++;
    tallies[2 * bins + binOf(places[row + 2]!)]!++;
    tallies[3 * bins + binOf(places[row + 3]!)]!++;
  }
  for (let row = fours; row < places.length; row++) tallies[binOf(places[row]!)]!++;
  return tallies
    .subarray(0, bins)
    .map((count, bin) => count + tallies[bins + bin]! + tallies[2 * bins + bin]! + tallies[3 * bins + bin]!);
}

/**
 * LODA (Pevny 2016) on given directions, [projections, columns] row-major: a histogram of the rows
 * along each. A row's score is the mean of -log p over the directions, with p the share of training
 * rows in its bin; an empty bin, and any place outside the histogram, counts as 1e-12 rows.
 *
 * The histogram's range is a little wider than that of the training rows, and not to both sides
 * alike: the outermost rows, and values on a grid, then do not lie on an edge, where rounding would
 * decide.
 */
export function fitLodaAlong(
  rows: Float64Array,
  directions: Float64Array,
  columns: number,
  bins: number | "auto",
): Loda {
  const count = rows.length / columns;
  const projections = directions.length / columns;
  const weights = new Float64Array(directions.length);
  const offsets = new Float64Array(projections);
  const binCounts = new Int32Array(projections);
  const surprises: number[] = [];
  const places = new Float64Array(count);
  const table = columnTable(rows, columns);
  for (let p = 0; p < projections; p++) {
    const direction = directions.subarray(p * columns, (p + 1) * columns);
    project(table, direction, places);
    const [least, most] = histogramRange(places);
    const range = [least - 0.00127 * (most - least), most + 0.00173 * (most - least)] as const;
    const used = bins === "auto" ? likeliestBins(places, range) : bins;
    const width = (range[1] - range[0]) / used;
    const counts = countBins(places, used, range[0], width);
    const total = count + EMPTY * used;
    const surprise = (rowsInBin: number) => -Math.log((rowsInBin + EMPTY) / total);
    surprises.push(surprise(0), ...Array.from(counts, surprise), surprise(0));
    binCounts[p] = used;
    offsets[p] = -range[0] / width;
    for (let column = 0; column < columns; column++) {
      weights[column * projections + p] = direction[column]! / width;
    }
  }
  return { weights, offsets, bins: binCounts, surprises: Float32Array.from(surprises) };
}

/**
 * LODA (Pevny 2016): histograms along random sparse directions. `rows` is [n, columns], row-major
 * and finite. Throws a `SurprisalError` where there are none.
 */
export function fitLoda(
  rows: Float64Array,
  columns: number,
  { projections = 100, bins = 10, seed = 0 }: LodaOptions = {},
): Loda {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 1)) throw new SurprisalError("loda: there are no rows with a feature to learn from");
  return fitLodaAlong(rows, drawDirections(projections, columns, seed), columns, bins);
}
