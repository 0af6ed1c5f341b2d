import { plain } from "../../layout/arrangement.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { emitKernelGradient, type KernelGradient } from "./kernel-gradient.js";
import { type LiveTaps, liveTaps } from "./live-taps.js";
import { plainName } from "./rearrange.js";
import type { Value } from "./value.js";

type Pair = readonly [number, number];
type Four = readonly [number, number, number, number];

/** The gradient with 0 for the taps that see nothing. */
function withOtherTaps(
  builder: NativeBuilder,
  value: Value,
  kernel: Pair,
  [rows, columns]: readonly [LiveTaps, LiveTaps],
): Value {
  const { context } = builder;
  const [outputs, inputs, ...made] = value.arrangement.shape as Four;
  const dims = [outputs, inputs, ...kernel];
  const result = { dims, arrangement: plain(dims), dtype: "float32", isZeroPadded: true } as const;
  const known = plainName(builder, value);
  if (rows.count > 1 || columns.count > 1) {
    const after = [kernel[0] - rows.first - made[0], kernel[1] - columns.first - made[1]];
    const widths = context.int64([0, 0, rows.first, columns.first, 0, 0, ...after]);
    return { ...result, name: context.add("Pad", [known, widths]) };
  }
  // Pad goes row by row, and these would be a few taps long.
  const hot = new Float32Array(kernel[0] * kernel[1]);
  hot[rows.first * kernel[1] + columns.first] = 1;
  const place = context.constant({ dtype: "float32", shape: [1, hot.length], data: hot });
  const column = shaped(builder, known, value.arrangement.shape, [outputs * inputs, 1]);
  const spread = context.add("Mul", [column, place]);
  return { ...result, name: shaped(builder, spread, [outputs * inputs, hot.length], dims) };
}

/** The gradient for all of a kernel, of which only the taps that see something are computed. */
export function emitWholeKernelGradient(builder: NativeBuilder, spec: KernelGradient): Value | undefined {
  const { x, y, kernel, strides, dilations, before } = spec;
  const live = ([0, 1] as const).map((axis) =>
    liveTaps({
      kernel: kernel[axis],
      size: x.arrangement.shape[2 + axis]!,
      count: y.arrangement.shape[2 + axis]!,
      stride: strides[axis],
      dilation: dilations[axis],
      before: before[axis],
      // What is behind the image does not bound the taps.
      after: (kernel[axis] - 1) * dilations[axis],
    }),
  ) as [LiveTaps, LiveTaps];
  if (live.every(({ count }, axis) => count === kernel[axis])) return emitKernelGradient(builder, spec);
  const inner = emitKernelGradient(builder, {
    ...spec,
    kernel: [live[0].count, live[1].count],
    before: [live[0].before, live[1].before],
  });
  return inner && withOtherTaps(builder, inner, kernel, live);
}
