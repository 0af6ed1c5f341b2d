import { coordinateLimit, type PointSet } from "./point-set.js";

export interface CellLayout {
  /** A power of two, as is `groupSize`. */
  readonly count: number;
  readonly groupSize: number;
  /** Places of a cell, of which its points take all or all but one. */
  readonly size: number;
}

/** How so many points fill 2^levels cells. */
export function cellLayout(count: number, levels: number): CellLayout {
  const cells = 2 ** levels;
  return { count: cells, groupSize: 2 ** (levels >> 1), size: Math.ceil(count / cells) };
}

/**
 * Points in cells of about equal size that lie close together: the leaves of a k-d tree. Cells are
 * numbered in the order of the leaves, so that `groupSize` cells in a row are one node of the tree.
 */
export interface Cells extends CellLayout {
  /** The point in each place, [count · size]; 0 in a place that is left over. */
  readonly order: Int32Array;
  /** Coordinates by place, [count · size, columns]; what is left over lies farther than any point. */
  readonly points: Float32Array;
  /** A point amid those of each cell, [count, columns]. */
  readonly centers: Float32Array;
  /** Smallest and largest coordinates of each cell, [count, columns]. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** The column and value at which each node of the tree is halved, numbered as in a heap. */
  readonly splitColumns: Int32Array;
  readonly splitValues: Float32Array;
}

/** Farther from any row, in squares that float32 holds, than a point within `coordinateLimit`. */
const FAR = 8 * coordinateLimit(1);

/** Points of a cell whose medians are its centre: any point in their midst will do. */
const CENTER_POINTS = 31;

/** First point of cell or node `position` among the 2^level nodes of a level. */
const boundary = (count: number, level: number, position: number): number =>
  Math.floor((count * position) / 2 ** level);

/** Moves the smallest keys of [start, end), and the rows that go with them, in front of `middle`. */
function selectMiddle(order: Int32Array, keys: Float32Array, start: number, end: number, middle: number) {
  let [left, right] = [start, end - 1];
  while (left < right) {
    const pivot = keys[(left + right) >> 1]!;
    let [i, j] = [left, right];
    while (i <= j) {
      while (keys[i]! < pivot) i++;
      while (keys[j]! > pivot) j--;
      if (i > j) break;
      const key = keys[i]!;
      const row = order[i]!;
      keys[i] = keys[j]!;
      order[i++] = order[j]!;
      keys[j] = key;
      order[j--] = row;
    }
    if (middle <= j) right = j;
    else if (middle >= i) left = i;
    else return;
  }
}

/** Rows of a node whose spread is looked at. */
const SPREAD_ROWS = 4096;

/** The column in which the points order[start … end) vary most, judged by an even part of many. */
function widestColumn(points: Float32Array, columns: number, order: Int32Array, start: number, end: number) {
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  // Differences from one of the points keep their digits.
  const origin = order[start]! * columns;
  const step = Math.ceil((end - start) / SPREAD_ROWS);
  let seen = 0;
  for (let i = start; i < end; i += step) {
    seen++;
    const row = order[i]! * columns;
    for (let j = 0; j < columns; j++) {
      const value = points[row + j]! - points[origin + j]!;
      sums[j] = sums[j]! + value;
      squares[j] = squares[j]! + value * value;
    }
  }
  let widest = 0;
  let largest = -1;
  for (let j = 0; j < columns; j++) {
    const spread = squares[j]! - sums[j]! ** 2 / seen;
    if (spread > largest) [widest, largest] = [j, spread];
  }
  return widest;
}

/** Copies points to the places from `place` on, in their order in `order[start … end)`. */
function copyPoints(
  points: Float32Array,
  columns: number,
  order: Int32Array,
  [start, end]: readonly [number, number],
  into: Float32Array,
  place: number,
): void {
  for (let i = start, to = place * columns; i < end; i++) {
    const from = order[i]! * columns;
    for (let j = 0; j < columns; j++) into[to++] = points[from + j]!;
  }
}

/** Every so many levels the points are laid out anew as they are ordered, so that those of a node lie together. */
const LEVELS_APART = 4;

/** The points in 2^levels cells, each with at least two points: every node is halved where it varies most. */
export function buildCells({ points: given, count, columns }: PointSet, levels: number): Cells {
  const layout = cellLayout(count, levels);
  const { count: cells, size } = layout;
  const splitColumns = new Int32Array(cells - 1);
  const splitValues = new Float32Array(cells - 1);
  let points = given;
  /** The row of each of `points`, whose numbers are in `order`. */
  let rows = new Int32Array(count);
  for (let i = 0; i < count; i++) rows[i] = i;
  const order = rows.slice();
  const keys = new Float32Array(count);
  for (let level = 0, node = 0; level < levels; level++) {
    if (level > 0 && level % LEVELS_APART === 0) {
      const together = new Float32Array(given.length);
      copyPoints(points, columns, order, [0, count], together, 0);
      points = together;
      rows = order.map((point) => rows[point]!);
      for (let i = 0; i < count; i++) order[i] = i;
    }
    for (let position = 0; position < 2 ** level; position++, node++) {
      const start = boundary(count, level, position);
      const end = boundary(count, level, position + 1);
      const middle = boundary(count, level + 1, 2 * position + 1);
      const column = widestColumn(points, columns, order, start, end);
      for (let i = start; i < end; i++) keys[i] = points[order[i]! * columns + column]!;
      selectMiddle(order, keys, start, end, middle);
      let below = Number.NEGATIVE_INFINITY;
      for (let i = start; i < middle; i++) below = Math.max(below, keys[i]!);
      splitColumns[node] = column;
      splitValues[node] = below;
    }
  }
  const made = {
    order: new Int32Array(cells * size),
    points: new Float32Array(cells * size * columns),
    centers: new Float32Array(cells * columns),
    low: new Float32Array(cells * columns).fill(Number.POSITIVE_INFINITY),
    high: new Float32Array(cells * columns).fill(Number.NEGATIVE_INFINITY),
  };
  for (let cell = 0; cell < cells; cell++) {
    const start = boundary(count, levels, cell);
    const own = boundary(count, levels, cell + 1) - start;
    copyPoints(points, columns, order, [start, start + own], made.points, cell * size);
    for (let i = 0; i < own; i++) made.order[cell * size + i] = rows[order[start + i]!]!;
    for (let i = own; i < size; i++) made.points[(cell * size + i) * columns] = FAR;
    const sampled = Math.min(own, CENTER_POINTS);
    const sample = new Float32Array(sampled);
    for (let j = 0; j < columns; j++) {
      const at = cell * columns + j;
      for (let i = 0; i < own; i++) {
        const value = made.points[(cell * size + i) * columns + j]!;
        if (value < made.low[at]!) made.low[at] = value;
        if (value > made.high[at]!) made.high[at] = value;
      }
      for (let i = 0; i < sampled; i++) {
        sample[i] = made.points[(cell * size + Math.floor((i * own) / sampled)) * columns + j]!;
      }
      made.centers[at] = sample.sort()[sampled >> 1]!;
    }
  }
  return { ...layout, splitColumns, splitValues, ...made };
}

/** Smallest and largest coordinates of each group of cells, [count / groupSize, columns]. */
export function groupBoxes({ count, groupSize, low, high }: Cells, columns: number) {
  const groups = count / groupSize;
  const boxes = {
    low: new Float32Array(groups * columns).fill(Number.POSITIVE_INFINITY),
    high: new Float32Array(groups * columns).fill(Number.NEGATIVE_INFINITY),
  };
  for (let i = 0; i < low.length; i++) {
    const at = Math.floor(i / (groupSize * columns)) * columns + (i % columns);
    boxes.low[at] = Math.min(boxes.low[at]!, low[i]!);
    boxes.high[at] = Math.max(boxes.high[at]!, high[i]!);
  }
  return boxes;
}
