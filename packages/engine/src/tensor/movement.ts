import type { DType } from "./dtype.js";
import {
  broadcastShapes,
  type Dim,
  dimEquals,
  formatShape,
  isSymbolic,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  shapeEquals,
  sizeOf,
  staticDim,
} from "./shape.js";
import { node, type Tensor } from "./tensor.js";

/** The dimension that makes `shape`, with one -1 in it, hold as many elements as `size`. */
function inferDim(size: Dim, shape: readonly (Dim | -1)[], from: Shape): Dim {
  const known = sizeOf(shape.filter((dim) => dim !== -1));
  const fail = () => new TypeError(`reshape of ${formatShape(from)} to ${formatShape(shape)} does not fit`);
  if (isSymbolic(known)) {
    if (!isSymbolic(size) || size.symbol !== known.symbol || size.factor % known.factor !== 0) throw fail();
    return size.factor / known.factor;
  }
  if (isSymbolic(size)) {
    if (known === 0 || size.factor % known !== 0) throw fail();
    return { symbol: size.symbol, factor: size.factor / known };
  }
  if (known === 0 || size % known !== 0) throw fail();
  return size / known;
}

/** The same elements in another shape; one dimension may be -1. */
export function reshape<D extends DType>(x: Tensor<D>, shape: readonly (Dim | -1)[]): Tensor<D> {
  const size = sizeOf(x.shape);
  if (shape.filter((dim) => dim === -1).length > 1) throw new TypeError("reshape takes at most one -1");
  if (shape.some((dim) => !isSymbolic(dim) && (!Number.isInteger(dim) || dim < -1))) {
    throw new TypeError(`reshape needs non-negative integers, got ${formatShape(shape)}`);
  }
  const full = shape.map((dim) => (dim === -1 ? inferDim(size, shape, x.shape) : dim));
  if (!dimEquals(sizeOf(full), size)) {
    throw new TypeError(`reshape of ${formatShape(x.shape)} to ${formatShape(full)} does not fit`);
  }
  return shapeEquals(full, x.shape) ? x : node("reshape", [x], { shape: full }, full, x.dtype);
}

/** All axes from `axis` on merged into one. */
export function flatten<D extends DType>(x: Tensor<D>, axis = 1): Tensor<D> {
  return reshape(x, [...x.shape.slice(0, axis), -1]);
}

export function expandDims<D extends DType>(x: Tensor<D>, axis: number | readonly number[]): Tensor<D> {
  const count = typeof axis === "number" ? 1 : axis.length;
  const axes = normalizeAxes(axis, x.shape.length + count);
  const shape: Dim[] = [...x.shape];
  for (const at of axes) shape.splice(at, 0, 1);
  return reshape(x, shape);
}

/** Without the given axes, which must be of length 1; all such axes when none is given. */
export function squeeze<D extends DType>(x: Tensor<D>, axis?: number | readonly number[]): Tensor<D> {
  const axes =
    axis === undefined
      ? x.shape.flatMap((dim, i) => (dim === 1 ? [i] : []))
      : normalizeAxes(axis, x.shape.length);
  for (const at of axes) {
    if (x.shape[at] !== 1) throw new TypeError(`squeeze: axis ${at} of ${formatShape(x.shape)} is not 1`);
  }
  return reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
}

/** Axes in a new order; reversed when no permutation is given. */
export function transpose<D extends DType>(x: Tensor<D>, permutation?: readonly number[]): Tensor<D> {
  const rank = x.shape.length;
  const order = (permutation ?? x.shape.map((_, i) => rank - 1 - i)).map((axis) => normalizeAxis(axis, rank));
  if (new Set(order).size !== rank || order.length !== rank) {
    throw new TypeError(`[${order.join(", ")}] is not a permutation of the axes of ${formatShape(x.shape)}`);
  }
  if (order.every((axis, i) => axis === i)) return x;
  const shape = order.map((axis) => x.shape[axis] as Dim);
  return node("transpose", [x], { permutation: order }, shape, x.dtype);
}

export function swapAxes<D extends DType>(x: Tensor<D>, a: number, b: number): Tensor<D> {
  const rank = x.shape.length;
  const order = x.shape.map((_, i) => i);
  const [p, q] = [normalizeAxis(a, rank), normalizeAxis(b, rank)];
  [order[p], order[q]] = [q, p];
  return transpose(x, order);
}

/** numpy.broadcast_to. */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (!shapeEquals(broadcastShapes(x.shape, shape), shape)) {
    throw new TypeError(`${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
  }
  return shapeEquals(x.shape, shape) ? x : node("broadcastTo", [x], { shape }, shape, x.dtype);
}

export interface SliceRange {
  /** First index; negative counts from the end. Default 0. */
  readonly start?: number;
  /** One past the last index; negative counts from the end. Default: to the end. */
  readonly end?: number;
  /** Positive step. Default 1. */
  readonly step?: number;
}

/** x[start:end:step] on the given axes, as numpy; other axes are kept whole. */
export function slice<D extends DType>(
  x: Tensor<D>,
  ranges: Readonly<Record<number, SliceRange>>,
): Tensor<D> {
  const rank = x.shape.length;
  const starts = x.shape.map(() => 0);
  const ends: (number | undefined)[] = x.shape.map((dim) => (isSymbolic(dim) ? undefined : dim));
  const steps = x.shape.map(() => 1);
  const shape: Dim[] = [...x.shape];
  for (const [key, { start = 0, end, step = 1 }] of Object.entries(ranges)) {
    const axis = normalizeAxis(Number(key), rank);
    if (!Number.isInteger(step) || step < 1)
      throw new RangeError(`slice step ${step} is not a positive integer`);
    if (!Number.isInteger(start) || Number.isNaN(end) || (Number.isFinite(end) && !Number.isInteger(end))) {
      throw new RangeError(`slice from ${start} to ${end} along axis ${axis} is not between integers`);
    }
    if (isSymbolic(x.shape[axis] as Dim) && start === 0 && end === undefined && step === 1) continue;
    const size = staticDim(x.shape[axis], `slice along axis ${axis}`);
    const bound = (index: number) => Math.min(size, Math.max(0, index < 0 ? index + size : index));
    const from = bound(start);
    const to = Math.max(from, bound(end ?? size));
    [starts[axis], ends[axis], steps[axis]] = [from, to, step];
    shape[axis] = Math.ceil((to - from) / step);
  }
  if (shapeEquals(shape, x.shape)) return x;
  return node("slice", [x], { starts, ends, steps }, shape, x.dtype);
}

/** Order of the elements reversed along the axes. */
export function flip<D extends DType>(x: Tensor<D>, axis?: number | readonly number[]): Tensor<D> {
  const axes = normalizeAxes(axis, x.shape.length);
  return axes.length === 0 ? x : node("flip", [x], { axes }, x.shape, x.dtype);
}

/** `widths[i]` = [before, after] elements of `value` added on axis i. */
export function pad<D extends DType>(
  x: Tensor<D>,
  widths: readonly (readonly [number, number])[],
  value = 0,
): Tensor<D> {
  if (widths.length !== x.shape.length || widths.flat().some((w) => !Number.isInteger(w) || w < 0)) {
    throw new RangeError(`pad needs a pair of non-negative widths for each axis of ${formatShape(x.shape)}`);
  }
  if (widths.every(([before, after]) => before + after === 0)) return x;
  const shape = x.shape.map((dim, i) => {
    const [before, after] = widths[i] as readonly [number, number];
    return before + after === 0 ? dim : staticDim(dim, `pad along axis ${i}`) + before + after;
  });
  const attributes = { before: widths.map((w) => w[0]), after: widths.map((w) => w[1]), value };
  return node("pad", [x], attributes, shape, x.dtype);
}

/** Tensors joined along an existing axis. */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const [first] = tensors;
  if (!first) throw new TypeError("concat needs at least one tensor");
  if (tensors.length === 1) return first;
  const at = normalizeAxis(axis, first.shape.length);
  let size = 0;
  for (const x of tensors) {
    const fits =
      x.dtype === first.dtype &&
      x.shape.length === first.shape.length &&
      x.shape.every((dim, i) => i === at || dimEquals(dim, first.shape[i] as Dim));
    if (!fits) {
      const list = tensors.map((t) => `${t.dtype}${formatShape(t.shape)}`).join(", ");
      throw new TypeError(`concat along axis ${at} does not fit: ${list}`);
    }
    size += staticDim(x.shape[at], `concat along axis ${at}`);
  }
  const shape = first.shape.map((dim, i) => (i === at ? size : dim));
  return node("concat", tensors, { axis: at }, shape, first.dtype);
}

/** Tensors of one shape joined along a new axis. */
export function stack<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const [first] = tensors;
  if (!first) throw new TypeError("stack needs at least one tensor");
  const at = normalizeAxis(axis, first.shape.length + 1);
  return concat(
    tensors.map((x) => expandDims(x, at)),
    at,
  );
}

/** Consecutive parts of the given sizes along an axis. */
export function split<D extends DType>(x: Tensor<D>, sizes: readonly number[], axis = 0): Tensor<D>[] {
  const at = normalizeAxis(axis, x.shape.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== x.shape[at]) {
    throw new TypeError(`split sizes ${sizes.join(" + ")} do not make axis ${at} of ${formatShape(x.shape)}`);
  }
  let start = 0;
  return sizes.map((size) => {
    const part = slice(x, { [at]: { start, end: start + size } });
    start += size;
    return part;
  });
}

/** The tensor repeated `repeats[i]` times along axis i, as numpy.tile. */
export function tile<D extends DType>(x: Tensor<D>, repeats: readonly number[]): Tensor<D> {
  if (repeats.length !== x.shape.length) throw new TypeError("tile needs a count for each axis");
  const times = (dim: Dim, factor: number): Dim =>
    isSymbolic(dim) ? { symbol: dim.symbol, factor: dim.factor * factor } : dim * factor;
  const spread = x.shape.flatMap((dim) => [1, dim]);
  const wide = x.shape.flatMap((dim, i) => [repeats[i] as number, dim]);
  const shape = x.shape.map((dim, i) => times(dim, repeats[i] as number));
  return reshape(broadcastTo(reshape(x, spread), wide), shape);
}
