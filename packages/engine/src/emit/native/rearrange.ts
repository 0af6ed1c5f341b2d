import {
  type Arrangement,
  blocked,
  canonical,
  channelsLast,
  isPadded,
  isRepeated,
  keyOf,
  places,
  plain,
  product,
  withoutRepeats,
} from "../../layout/arrangement.js";
import { moveBetween } from "../../layout/move.js";
import {
  fromBlocks,
  type NativeBuilder,
  padEnd,
  roundUp,
  shaped,
  slice,
  toBlocks,
  transpose,
} from "./builder.js";
import type { Value } from "./value.js";

/** The arrangement of a tensor of `shape` (1 where it repeats) that lines up with `full`. */
export function restricted(full: Arrangement, shape: readonly number[]): Arrangement {
  const kept = full.parts.filter((_, axis) => shape[axis] !== 1).flat();
  const order = kept.toSorted((a, b) => a - b);
  return canonical({
    shape,
    sizes: order.map((part) => full.sizes[part]!),
    parts: full.parts.map((list, axis) => (shape[axis] === 1 ? [] : list.map((part) => order.indexOf(part)))),
  });
}

/** Dimensions of a restricted arrangement with a 1 for every axis of `full` that it lacks. */
export function alignedDims(full: Arrangement, shape: readonly number[]): number[] {
  const present = new Set(full.parts.filter((_, axis) => shape[axis] !== 1).flat());
  return full.sizes.map((size, part) => (present.has(part) ? size : 1));
}

function rankFour(shape: readonly number[]): [number, number, number] | undefined {
  if (shape.length !== 4 || shape[1] === 1) return undefined;
  return [shape[0]!, shape[1]!, shape[2]! * shape[3]!];
}

interface Placed {
  readonly name: string;
  readonly dims: readonly number[];
}

/** Into or out of blocks by ONNX Runtime's own operators. */
function reordered(builder: NativeBuilder, value: Value, target: Arrangement): Placed | undefined {
  const { block } = builder;
  const { shape } = target;
  const extent = rankFour(shape);
  if (block === undefined || !extent || value.dtype !== "float32") return undefined;
  const [batch, channels, count] = extent;
  const [from, to] = [keyOf(value.arrangement), keyOf(target)];
  const blocks = keyOf(blocked(shape, block));
  const last = keyOf(channelsLast(shape));
  const [isFirst, isLast] = [keyOf(plain(shape)), last].map((key) => key === (to === blocks ? from : to));
  if (!isFirst && !isLast) return undefined;
  if (to === blocks) {
    const dims = [batch, roundUp(channels, block), count, 1];
    return { name: toBlocks(builder, value.name, value.dims, extent, !isFirst), dims };
  }
  if (from !== blocks) return undefined;
  const dims = isFirst ? [batch, channels, count, 1] : [batch, count, 1, channels];
  return { name: fromBlocks(builder, value.name, value.dims, extent, !isFirst), dims };
}

/** The arrangement with its padded places counted as elements. */
function withPlaces(arrangement: Arrangement): Arrangement {
  return { ...arrangement, shape: arrangement.shape.map((_, axis) => places(arrangement, axis)) };
}

function viaPlain(builder: NativeBuilder, value: Value, target: Arrangement): Value {
  return rearranged(builder, rearranged(builder, value, plain(value.arrangement.shape)), target);
}

function expanded(builder: NativeBuilder, value: Value, target: Arrangement): Value {
  const cut = { ...value, arrangement: withoutRepeats(value.arrangement) };
  const { shape } = cut.arrangement;
  const aligned = rearranged(builder, cut, restricted(target, shape));
  const dims = alignedDims(target, shape);
  const name = shaped(builder, aligned.name, aligned.dims, dims);
  const full = builder.context.add("Expand", [name, builder.context.int64(target.sizes)]);
  return {
    ...value,
    name: full,
    dims: target.sizes,
    arrangement: target,
    isZeroPadded: !isPadded(target),
  };
}

function dropPadding(builder: NativeBuilder, value: Value): Value {
  const { arrangement } = value;
  const whole = withPlaces(arrangement);
  const even = rearranged(builder, { ...value, arrangement: whole }, plain(whole.shape));
  const name = shaped(builder, even.name, even.dims, whole.shape);
  const { shape } = arrangement;
  return {
    ...value,
    name: slice(builder, name, whole.shape, shape),
    dims: shape,
    arrangement: plain(shape),
    isZeroPadded: true,
  };
}

function addPadding(builder: NativeBuilder, value: Value, target: Arrangement): Value {
  const { shape } = target;
  const even = rearranged(builder, value, plain(shape));
  const whole = withPlaces(target);
  const name = padEnd(builder, shaped(builder, even.name, even.dims, shape), shape, whole.shape);
  const padded = { ...value, name, dims: whole.shape, arrangement: plain(whole.shape) };
  return { ...rearranged(builder, padded, whole), arrangement: target, isZeroPadded: true };
}

function moved(builder: NativeBuilder, value: Value, target: Arrangement): Value {
  const placed = reordered(builder, value, target);
  if (placed) return { ...value, ...placed, arrangement: target, isZeroPadded: true };
  const { arrangement } = value;
  const repeats = target.shape.some((_, axis) => isRepeated(arrangement, axis) && !isRepeated(target, axis));
  if (repeats) return expanded(builder, value, target);
  const isBlocks = rankFour(target.shape) && builder.block !== undefined;
  if (isPadded(arrangement)) {
    const isSourceBlocks =
      isBlocks && keyOf(arrangement) === keyOf(blocked(arrangement.shape, builder.block!));
    if (isSourceBlocks && value.dtype === "float32") return viaPlain(builder, value, target);
    return rearranged(builder, dropPadding(builder, value), target);
  }
  if (isPadded(target)) return addPadding(builder, value, target);
  const move = moveBetween(arrangement, target);
  if (!move) return viaPlain(builder, value, target);
  const source = shaped(builder, value.name, value.dims, move.from);
  return {
    ...value,
    name: transpose(builder, source, move.permutation),
    dims: move.to,
    arrangement: target,
    isZeroPadded: true,
  };
}

/**
 * The value with its elements in another order: by reordering operators, a transpose, padding and
 * slicing as needed. A repeated axis of the target must be repeated in the value too.
 */
export function rearranged(builder: NativeBuilder, value: Value, target: Arrangement): Value {
  const key = keyOf(target);
  if (keyOf(value.arrangement) === key) return value;
  return builder.once(`${value.name} to ${key}`, () => moved(builder, value, target));
}

/** Name of the value in row-major order, with its tensor's own dimensions. */
export function plainName(builder: NativeBuilder, value: Value): string {
  const { shape } = value.arrangement;
  const flat = rearranged(builder, value, plain(shape));
  return shaped(builder, flat.name, flat.dims, shape);
}

/** Number of elements in memory. */
export function storedSize(value: Value): number {
  return product(value.arrangement.sizes);
}
