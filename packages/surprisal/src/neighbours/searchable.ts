import { buildCells, type CellLayout, type Cells, cellLayout } from "./cells.js";
import type { PointSet } from "./point-set.js";
import { spare } from "./search-layout.js";

/** Points of a cell: a step then is one product of a size that processors like. */
const CELL_SIZE = 512;

/** A cell holds several times the candidates that are taken from it. */
const CANDIDATES_PER_CELL = 4;

/** Points whose search is walked through to count its work. */
const PROBES = 64;

/**
 * Number of halvings to cells of `CELL_SIZE` points or, for many neighbours, more; below 2 there is
 * nothing to prune.
 */
function cellLevels(count: number, k: number): number {
  const size = Math.max(CELL_SIZE, CANDIDATES_PER_CELL * (k + spare(k)));
  return Math.max(0, Math.min(20, Math.round(Math.log2(count / size))));
}

/** The squared distance of a point from each cell's box. */
function boxSquares({ points, columns }: PointSet, row: number, cells: Cells): Float64Array {
  const squares = new Float64Array(cells.count);
  for (let cell = 0; cell < cells.count; cell++) {
    let total = 0;
    for (let j = 0; j < columns; j++) {
      const value = points[row * columns + j]!;
      const box = cell * columns + j;
      const beyond = Math.max(cells.low[box]! - value, value - cells.high[box]!, 0);
      total += beyond * beyond;
    }
    squares[cell] = total;
  }
  return squares;
}

/** Takes points from … to into the squared distances of the nearest ones to a row, which rise. */
function takeNearer(
  nearest: Float64Array,
  { points, columns }: PointSet,
  row: number,
  others: Float32Array,
  from: number,
  to: number,
): void {
  const last = nearest.length - 1;
  for (let place = from; place < to; place++) {
    const worst = nearest[last]!;
    let total = 0;
    for (let j = 0; j < columns && total < worst; j++) {
      const difference = others[place * columns + j]! - points[row * columns + j]!;
      total += difference * difference;
    }
    if (total >= worst) continue;
    let at = last;
    for (; at > 0 && nearest[at - 1]! > total; at--) nearest[at] = nearest[at - 1]!;
    nearest[at] = total;
  }
}

/**
 * Whether a search of the k nearest points visits at most so many cells on average, over evenly spread
 * points.
 */
function isWithin(most: number, set: PointSet, cells: Cells, k: number): boolean {
  const probes = Math.min(PROBES, set.count);
  let visits = 0;
  for (let probe = 0; probe < probes && visits <= most * probes; probe++) {
    const row = Math.floor((probe * set.count) / probes);
    const squares = boxSquares(set, row, cells);
    const order = Array.from(squares.keys()).sort((a, b) => squares[a]! - squares[b]!);
    const nearest = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
    for (const cell of order) {
      if (squares[cell]! >= nearest[k - 1]!) break;
      visits++;
      takeNearer(nearest, set, row, cells.points, cell * cells.size, (cell + 1) * cells.size);
    }
  }
  return visits <= most * probes;
}

/** Points of the sketch of a wide set. */
const SKETCH_POINTS = 1024;

/** Points whose neighbours are measured beside a sketch. */
const SKETCH_PROBES = 8;

/**
 * Whether a search through cells is out of the question: cells of a few points, whose boxes are smaller
 * than those of all, already lie within the reach of the k nearest of all points, clearly more than may be
 * visited. For wide sets, whose cells are costly to make and rarely of use.
 */
function isHopeless(most: number, set: PointSet, levels: number, k: number): boolean {
  const { points, count, columns } = set;
  if (columns < 4 * levels || count < 2 * SKETCH_POINTS || 2 ** levels > SKETCH_POINTS / 4) return false;
  const sketched = new Float32Array(SKETCH_POINTS * columns);
  for (let i = 0; i < SKETCH_POINTS; i++) {
    const from = Math.floor((i * count) / SKETCH_POINTS) * columns;
    sketched.set(points.subarray(from, from + columns), i * columns);
  }
  const cells = buildCells({ ...set, points: sketched, count: SKETCH_POINTS }, levels);
  let visits = 0;
  for (let probe = 0; probe < SKETCH_PROBES; probe++) {
    const row = Math.floor(((probe + 0.5) * count) / SKETCH_PROBES);
    const nearest = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
    takeNearer(nearest, set, row, points, 0, count);
    for (const square of boxSquares(set, row, cells)) if (square < nearest[k - 1]!) visits++;
  }
  return visits > 1.25 * most * SKETCH_PROBES;
}

/**
 * The most cells a row for which the search is less work than products with all points; 0 where it
 * never is. The terms are nanoseconds on one core; counts decide, not clocks, so that the same rows
 * always take the same way.
 */
function mostVisits({ count, columns }: PointSet, layout: CellLayout, k: number): number {
  const { groupSize, size } = layout;
  const dense = count * (1 + 0.03 * columns + 0.01 * k);
  const work = (visits: number) => {
    const bounds = (layout.count / groupSize + visits * groupSize) * columns * 0.6;
    const products = visits * size * (0.8 + 0.04 * columns);
    const selections = (1 + Math.min(visits, 4)) * (2.5 * size + 40 * k);
    return bounds + products + selections + 5 * layout.count;
  };
  let visits = 0;
  while (visits < layout.count && work(visits + 1) < dense) visits++;
  return visits;
}

/**
 * The set with cells, where a search of its k nearest points through them is less work than products
 * with all points: many points of few columns, or of columns that go together.
 */
export function searchable(set: PointSet, k: number): PointSet {
  const levels = cellLevels(set.count, k);
  if (levels < 2) return set;
  const most = mostVisits(set, cellLayout(set.count, levels), k);
  const wanted = Math.min(k, set.count);
  if (most === 0 || isHopeless(most, set, levels, wanted)) return set;
  const cells = buildCells(set, levels);
  return isWithin(most, set, cells, wanted) ? { ...set, cells } : set;
}
