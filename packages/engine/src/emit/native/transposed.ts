import { blocked, channelsLast, keyOf, plain } from "../../layout/arrangement.js";
import { int } from "../../onnx/attribute.js";
import { type NativeBuilder, roundUp, shaped, slice } from "./builder.js";
import { correlate, type Epilogue } from "./correlation.js";
import type { Kernel } from "./kernel.js";
import { rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

export interface Transposed {
  readonly y: Value;
  readonly kernel: Omit<Kernel, "taps" | "isExchanged" | "size">;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Rows before, columns before. */
  readonly before: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly shape: readonly [number, number, number, number];
  readonly epilogue: Epilogue;
}

/** The taps of one axis that reach outputs of one phase, as a correlation over the input. */
interface Phase {
  /** Stored taps, in the correlation's order. */
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
}

/**
 * Output `stride · q + phase` gathers input `q + first + t` for t = 0, 1, …: each phase of a
 * transposed convolution is a plain convolution with every stride-th tap, reversed. Undefined
 * where that would need negative padding.
 */
function phaseOf(
  phase: number,
  {
    stride,
    before,
    dilation,
    kernel,
    from,
    count,
  }: {
    readonly stride: number;
    readonly before: number;
    readonly dilation: number;
    readonly kernel: number;
    readonly from: number;
    readonly count: number;
  },
): Phase | undefined {
  const taps: number[] = [];
  for (let tap = kernel - 1; tap >= 0; tap--) {
    if ((phase + before - tap * dilation) % stride === 0) taps.push(tap);
  }
  if (taps.length === 0) return { taps, before: 0, after: 0 };
  const reach = (taps.length - 1) * (stride === 1 ? dilation : 1);
  const first = (phase + before - taps[0]! * dilation) / stride;
  const after = count - 1 + first + reach - (from - 1);
  return first > 0 || after < 0 ? undefined : { taps, before: -first, after };
}

/** Places [.., a, .., b, ..] side by side: copies alternate along the axis that `inner` elements make up. */
function interleave(builder: NativeBuilder, names: readonly string[], outer: number, inner: number): string {
  const parts = names.map((name) =>
    builder.context.add("Reshape", [name, builder.context.int64([outer, inner])]),
  );
  return parts.length === 1 ? parts[0]! : builder.context.add("Concat", parts, { axis: int(1) });
}

/**
 * How phases are put together: in blocks, or with the channels where the first phase has them.
 * Places of `lanes` elements alternate within each of `planes`.
 */
function interleaving(builder: NativeBuilder, first: Value, shape: readonly number[]) {
  const { block } = builder;
  const phase = first.arrangement.shape;
  const [batch, channels] = shape as [number, number];
  if (block !== undefined && channels >= block / 2) {
    const planes = (batch * roundUp(channels, block)) / block;
    return { target: blocked(phase, block), full: blocked(shape, block), planes, lanes: block };
  }
  if (keyOf(first.arrangement) === keyOf(channelsLast(phase))) {
    return { target: channelsLast(phase), full: channelsLast(shape), planes: batch, lanes: channels };
  }
  return { target: plain(phase), full: plain(shape), planes: batch * channels, lanes: 1 };
}

/** A transposed convolution as one convolution for each phase of its strides; undefined where that does not fit. */
export function emitTransposed(builder: NativeBuilder, spec: Transposed): Value | undefined {
  const { y, kernel, kernelSize, strides, before, dilations, shape, epilogue } = spec;
  const [batch, channels, height, width] = shape;
  const [rowStride, columnStride] = strides;
  if ((rowStride > 1 && dilations[0] > 1) || (columnStride > 1 && dilations[1] > 1)) return undefined;
  const counts = [Math.ceil(height / rowStride), Math.ceil(width / columnStride)] as const;
  const phases = ([0, 1] as const).map((axis) =>
    Array.from({ length: strides[axis] }, (_, phase) =>
      phaseOf(phase, {
        stride: strides[axis],
        before: before[axis],
        dilation: dilations[axis],
        kernel: kernelSize[axis],
        from: y.arrangement.shape[2 + axis]!,
        count: counts[axis],
      }),
    ),
  );
  const [rows, columns] = phases as [Phase[], Phase[]];
  if ([...rows, ...columns].some((phase) => phase === undefined || phase.taps.length === 0)) return undefined;
  const made = rows.map((row) =>
    columns.map((column) =>
      correlate(builder, {
        x: y,
        kernel: {
          ...kernel,
          isExchanged: true,
          taps: row.taps.flatMap((a) => column.taps.map((b) => a * kernelSize[1] + b)),
          size: [row.taps.length, column.taps.length],
        },
        window: {
          strides: [1, 1],
          dilations: [rowStride === 1 ? dilations[0] : 1, columnStride === 1 ? dilations[1] : 1],
          padding: [row.before, row.after, column.before, column.after],
        },
        shape: [batch, channels, ...counts],
        epilogue,
      }),
    ),
  );
  if (rowStride === 1 && columnStride === 1) return made[0]![0]!;
  const { target, full, planes, lanes } = interleaving(builder, made[0]![0]!, shape);
  const lines = made.map((line) =>
    interleave(
      builder,
      line.map((value) => rearranged(builder, value, target).name),
      planes * counts[0] * counts[1],
      lanes,
    ),
  );
  const name = interleave(builder, lines, planes * counts[0], counts[1] * columnStride * lanes);
  const wide = [planes, counts[0] * rowStride, counts[1] * columnStride, lanes];
  const cut = [planes, height, width, lanes];
  const isExact = wide.every((size, axis) => size === cut[axis]);
  const result = isExact ? name : slice(builder, shaped(builder, name, [], wide), wide, cut);
  return {
    name: result,
    dims: isExact ? [planes * counts[0], counts[1] * columnStride * rowStride * lanes] : cut,
    arrangement: full,
    dtype: "float32",
    isZeroPadded: true,
  };
}
