import { int, ints } from "../../onnx/attribute.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Attributes, EmitContext } from "../rule.js";
import type { Value } from "./value.js";

/** Domain of ONNX Runtime's operators on blocked channels. Internal to it: never in a saved file. */
export const blockedDomain = "com.microsoft.nchwc";

/** What the rules of the native target build with. */
export interface NativeBuilder {
  readonly context: EmitContext;
  /** Channels in a block; undefined where the machine has no blocked operators. */
  readonly block: number | undefined;
  /** The value of a tensor, emitted now if it was not yet. */
  valueOf(tensor: Tensor): Value;
  /** The result of `make`, made once for each key. */
  once<T>(key: string, make: () => T): T;
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** The value under other dimensions; the reshape is made once. */
export function shaped(
  builder: NativeBuilder,
  name: string,
  from: readonly number[],
  to: readonly number[],
): string {
  if (sameDims(from, to)) return name;
  return builder.once(`${name} as ${to.join()}`, () =>
    builder.context.add("Reshape", [name, builder.context.int64(to)]),
  );
}

export function transpose(builder: NativeBuilder, name: string, permutation: readonly number[]): string {
  if (permutation.every((axis, i) => axis === i)) return name;
  return builder.context.add("Transpose", [name], { perm: ints(permutation) });
}

export function slice(
  builder: NativeBuilder,
  name: string,
  from: readonly number[],
  ends: readonly number[],
): string {
  const axes = ends.flatMap((end, axis) => (end === from[axis] ? [] : [axis]));
  if (axes.length === 0) return name;
  const { context } = builder;
  return context.add("Slice", [
    name,
    context.int64(axes.map(() => 0)),
    context.int64(axes.map((axis) => ends[axis]!)),
    context.int64(axes),
  ]);
}

/** Zeros after the end of each axis, up to the given dimensions. */
export function padEnd(
  builder: NativeBuilder,
  name: string,
  from: readonly number[],
  to: readonly number[],
): string {
  if (sameDims(from, to)) return name;
  const { context } = builder;
  const widths = [...from.map(() => 0), ...to.map((size, axis) => size - from[axis]!)];
  return context.add("Pad", [name, context.int64(widths)]);
}

/** Rows of a matrix at constant places: ONNX Runtime copies them on all threads. */
export function gatherRows(
  builder: NativeBuilder,
  name: string,
  indices: Int32Array,
  dims: readonly number[],
) {
  const { context } = builder;
  const rows = context.constant({ dtype: "int32", shape: dims, data: indices });
  return context.add("Gather", [name, rows], { axis: int(0) });
}

export function addBlocked(
  builder: NativeBuilder,
  opType: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): string {
  return builder.context.add(opType, inputs, attributes, blockedDomain);
}

export function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/**
 * [batch, channels, places] to [batch, channels / block, places, block], channels filled up with
 * zeros; or from [batch, places, channels] where `channelsLast`.
 */
export function toBlocks(
  builder: NativeBuilder,
  name: string,
  from: readonly number[],
  [batch, channels, count]: readonly [number, number, number],
  channelsLast = false,
): string {
  // The operator takes whole multiples of 4 channels.
  const whole = roundUp(channels, 4);
  const dims = (size: number) => (channelsLast ? [batch, count, 1, size] : [batch, size, count, 1]);
  let input = shaped(builder, name, from, dims(channels));
  input = padEnd(builder, input, dims(channels), dims(whole));
  return addBlocked(builder, "ReorderInput", [input], channelsLast ? { channels_last: int(1) } : {});
}

/** The way back of `toBlocks`; drops the channels that fill up the last block. */
export function fromBlocks(
  builder: NativeBuilder,
  name: string,
  from: readonly number[],
  [batch, channels, count]: readonly [number, number, number],
  channelsLast = false,
): string {
  const dims = [batch, roundUp(channels, builder.block!), count, 1];
  return addBlocked(builder, "ReorderOutput", [shaped(builder, name, from, dims)], {
    channels: int(channels),
    ...(channelsLast ? { channels_last: int(1) } : {}),
  });
}
