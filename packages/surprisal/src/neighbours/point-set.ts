import { add, cast, clip, constant, type FloatDType, formatShape, mul, type Tensor } from "@surprisal/engine";
import { blockRows, inBlocks } from "../numeric/index.js";
import type { Cells } from "./cells.js";

/**
 * Points to search in, centred and scaled so that float32 keeps their differences: coordinate j of
 * a row is (value - center[j]) · scale. All distances are in these units; divide by `scale`.
 */
export interface PointSet {
  /** [count, columns], row-major. */
  readonly points: Float32Array;
  readonly count: number;
  readonly columns: number;
  readonly center: Float64Array;
  /** A power of two, so that scaling rounds nothing. */
  readonly scale: number;
  /** The points by where they lie, where that makes searches cheaper; see `searchable`. */
  readonly cells?: Cells | undefined;
}

/** Rows that place the centre and the scale. */
const SAMPLE_ROWS = 2047;

/**
 * Coordinates of points are limited to it, those of rows to search for to twice as much: squares of
 * more would leave the range of float32, and a row beyond the limit is to be far from every point.
 */
export function coordinateLimit(columns: number): number {
  return 2 ** Math.floor(58 - Math.log2(columns) / 2);
}

function median(values: Float64Array): number {
  return values.sort()[values.length >> 1]!;
}

function largestDeviation(rows: Float32Array | Float64Array, center: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < rows.length; ) {
    for (let j = 0; j < center.length; j++, i++) {
      largest = Math.max(largest, Math.abs(rows[i]! - center[j]!));
    }
  }
  return largest;
}

/** Sets rows from … to of `points`: in the units of the centre and the scale, limited. */
function placeRows(
  points: Float32Array,
  rows: Float32Array | Float64Array,
  { center, scale }: Pick<PointSet, "center" | "scale">,
  limit: number,
  from: number,
  to: number,
): void {
  const columns = center.length;
  for (let i = from * columns; i < to * columns; ) {
    for (let j = 0; j < columns; j++, i++) {
      const value = (rows[i]! - center[j]!) * scale;
      points[i] = Math.max(-limit, Math.min(limit, value));
    }
  }
}

/** Copies the values of rows that begin at the given places. */
function takeColumn(
  rows: Float32Array | Float64Array,
  starts: Uint32Array,
  column: number,
  values: Float64Array,
): void {
  for (let i = 0; i < starts.length; i++) values[i] = rows[starts[i]! + column]!;
}

/** Raises sizes to the values' distances from a point. */
function raiseSizes(sizes: Float64Array, values: Float64Array, point: number): void {
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.max(sizes[i]!, Math.abs(values[i]! - point));
}

/**
 * The rows [count, columns] as a point set. Centre and scale are medians over evenly spread rows, so
 * that a few rows of an extreme size do not take the digits of the others.
 */
export function pointSet(rows: Float32Array | Float64Array, columns: number): PointSet {
  const count = rows.length / columns;
  const sampled = Math.min(count, SAMPLE_ROWS);
  const starts = Uint32Array.from({ length: sampled }, (_, i) => Math.floor((i * count) / sampled) * columns);
  const center = new Float64Array(columns);
  const sizes = new Float64Array(sampled);
  const values = new Float64Array(sampled);
  for (let j = 0; j < columns; j++) {
    takeColumn(rows, starts, j, values);
    center[j] = median(values.slice());
    raiseSizes(sizes, values, center[j]!);
  }
  const size = median(sizes) || largestDeviation(rows, center) || 1;
  const scale = 2 ** Math.max(-1000, Math.min(1000, -Math.round(Math.log2(size))));
  const points = new Float32Array(rows.length);
  const limit = coordinateLimit(columns);
  const place = (from: number, to: number) => placeRows(points, rows, { center, scale }, limit, from, to);
  inBlocks(count, place, blockRows(columns));
  return { points, count, columns, center, scale };
}

/** Rows x [N, columns] in the units of the point set, float32. Throws a `TypeError` for another width. */
export function toPoints(x: Tensor, { columns, center, scale }: PointSet): Tensor<"float32"> {
  if (x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`the points have ${columns} columns, got ${formatShape(x.shape)}`);
  }
  const limit = 2 * coordinateLimit(columns);
  const shift = constant(
    center.map((value) => -value),
    [columns],
    "float64",
  );
  const moved = mul(add(cast(x as Tensor<FloatDType>, "float64"), shift), scale);
  return cast(clip(moved, -limit, limit), "float32");
}

/** What a distance in the units of the point set is multiplied by, to be one in the units of the rows. */
export function toDistanceFactor({ scale }: PointSet): number {
  return Math.min(3e38, 1 / scale);
}
