import { blocked, channelsLast, plain } from "../../layout/arrangement.js";
import { int, ints } from "../../onnx/attribute.js";
import type { WindowAttributes } from "../../tensor/operators.js";
import type { Tensor } from "../../tensor/tensor.js";
import { windowToOnnx } from "../convolution.js";
import { type Activation, activated, activationAttributes } from "./activation.js";
import { biasVector } from "./bias.js";
import { addBlocked, type NativeBuilder, padEnd, roundUp, shaped } from "./builder.js";
import { correlateGathered, isGatherable, windowsOf } from "./gathered.js";
import { blockedKernel, inputsOf, type Kernel, outputsOf, plainKernel } from "./kernel.js";
import { isLive, type LiveTaps, liveTaps } from "./live-taps.js";
import { plainName, rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

/** What follows a convolution and can be done inside it. */
export interface Epilogue {
  /** Broadcasts as [1, C, 1, 1]. */
  readonly bias?: Tensor;
  readonly activation?: Activation;
}

export interface Correlation {
  readonly x: Value;
  readonly kernel: Kernel;
  readonly window: WindowAttributes;
  /** [N, O, H', W'] */
  readonly shape: readonly [number, number, number, number];
  readonly epilogue: Epilogue;
}

/** Arithmetic that moving one value costs, in multiply-adds of a blocked convolution. */
const costOfMoving = 20;

function isTappedCheaper(builder: NativeBuilder, { x, kernel, shape }: Correlation): boolean {
  const block = builder.block!;
  const [batch, outputs, height, width] = shape;
  const places = batch * height * width;
  const [inputs, taps] = [roundUp(inputsOf(kernel), block), kernel.taps.length];
  const lanes = roundUp(taps * outputs, block);
  const from = batch * x.arrangement.shape[2]! * x.arrangement.shape[3]!;
  const direct = places * inputs * taps * roundUp(outputs, block);
  const tapped = from * inputs * lanes + places * lanes * (taps + 2 * costOfMoving);
  return tapped < direct;
}

/** One blocked convolution; images of fewer channels than a block are read as they are. */
function correlateDirectly(
  builder: NativeBuilder,
  { x, kernel, window, shape, epilogue }: Correlation,
): Value {
  const block = builder.block!;
  const [batch, channels, height, width] = x.arrangement.shape as [number, number, number, number];
  const areInputsBlocked = channels >= block;
  const source = rearranged(
    builder,
    x,
    areInputsBlocked ? blocked(x.arrangement.shape, block) : plain(x.arrangement.shape),
  );
  const input = shaped(builder, source.name, source.dims, [
    batch,
    areInputsBlocked ? roundUp(channels, block) : channels,
    height,
    width,
  ]);
  const inputs = [input, blockedKernel(builder, kernel, areInputsBlocked)];
  const [, outputs, outHeight, outWidth] = shape;
  const wide = roundUp(outputs, block);
  if (epilogue.bias)
    inputs.push(padEnd(builder, biasVector(builder, epilogue.bias, outputs), [outputs], [wide]));
  const name = addBlocked(builder, "Conv", inputs, {
    ...windowToOnnx(window),
    kernel_shape: ints(kernel.size),
    group: int(1),
    ...activationAttributes(epilogue.activation),
  });
  return {
    name,
    dims: [batch, wide, outHeight, outWidth],
    arrangement: blocked(shape, block),
    dtype: "float32",
    isZeroPadded: true,
  };
}

/** Bias and rectifier as operators of their own, on channels that come last. */
function finish(
  builder: NativeBuilder,
  name: string,
  outputs: number,
  { bias, activation }: Epilogue,
): string {
  const { context } = builder;
  const sum = bias ? context.add("Add", [name, biasVector(builder, bias, outputs)]) : name;
  return activated(context, sum, activation);
}

/**
 * For few outputs: one product makes every tap of every output at every place, a depthwise
 * convolution with one-hot kernels brings the taps to their place, and a product adds them up.
 */
function correlateByTaps(builder: NativeBuilder, { x, kernel, window, shape, epilogue }: Correlation): Value {
  const block = builder.block!;
  const { context } = builder;
  const [batch, channels, height, width] = x.arrangement.shape as [number, number, number, number];
  const [, outputs, outHeight, outWidth] = shape;
  const taps = kernel.taps.length;
  const lanes = taps * outputs;
  const wide = roundUp(lanes, block);
  // [outputs, inputs, taps] to [outputs · taps, inputs]: lane o · taps + t.
  const perLane = context.add("Transpose", [plainKernel(builder, kernel)], { perm: ints([0, 2, 1]) });
  const asKernel: Kernel = {
    name: shaped(builder, perLane, [outputs, taps, channels], [lanes, channels, 1]),
    first: lanes,
    second: channels,
    storedTaps: 1,
    isExchanged: false,
    taps: [0],
    size: [1, 1],
  };
  const every = correlateDirectly(builder, {
    x,
    kernel: asKernel,
    window: { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0] },
    shape: [batch, lanes, height, width],
    epilogue: {},
  });
  const hot = new Float32Array(wide * taps);
  for (let lane = 0; lane < lanes; lane++) {
    const [group, place] = [Math.floor(lane / block), lane % block];
    hot[(group * taps + (lane % taps)) * block + place] = 1;
  }
  const shift = context.constant({ dtype: "float32", shape: [wide, 1, ...kernel.size], data: hot });
  const shifted = addBlocked(
    builder,
    "Conv",
    [shaped(builder, every.name, every.dims, [batch, wide, height, width]), shift],
    {
      ...windowToOnnx(window),
      kernel_shape: ints(kernel.size),
      group: int(wide),
    },
  );
  const groups = wide / block;
  const sums = new Float32Array(wide * outputs);
  for (let lane = 0; lane < lanes; lane++) sums[lane * outputs + Math.floor(lane / taps)] = 1;
  const places = outHeight * outWidth;
  const table = context.constant({
    dtype: "float32",
    shape: groups === 1 ? [block, outputs] : [groups, block, outputs],
    data: sums,
  });
  const dims = groups === 1 ? [batch * places, block] : [batch, groups, places, block];
  const added = context.add("MatMul", [
    shaped(builder, shifted, [batch, wide, outHeight, outWidth], dims),
    table,
  ]);
  const total =
    groups === 1 ? added : context.add("ReduceSum", [added, context.int64([1])], { keepdims: int(0) });
  const made = groups === 1 ? [batch * places, outputs] : [batch, places, outputs];
  // An axis of length 1 at the end would make the sum with the bias go element by element.
  const flat = outputs === 1 ? [batch * places] : made;
  return {
    name: finish(builder, shaped(builder, total, made, flat), outputs, epilogue),
    dims: flat,
    arrangement: channelsLast(shape),
    dtype: "float32",
    isZeroPadded: true,
  };
}

function correlatePlainly(
  builder: NativeBuilder,
  { x, kernel, window, shape, epilogue }: Correlation,
): Value {
  const { context } = builder;
  const outputs = shape[1];
  const stored = plainKernel(builder, kernel);
  const weights = shaped(
    builder,
    stored,
    [outputs, inputsOf(kernel), kernel.taps.length],
    [outputs, inputsOf(kernel), ...kernel.size],
  );
  const inputs = [plainName(builder, x), weights];
  if (epilogue.bias) inputs.push(biasVector(builder, epilogue.bias, outputs));
  const product = context.add("Conv", inputs, windowToOnnx(window));
  return {
    name: activated(context, product, epilogue.activation),
    dims: shape,
    arrangement: plain(shape),
    dtype: "float32",
    isZeroPadded: true,
  };
}

/** The same without the taps that see nothing but padding, as where an image is smaller than the kernel. */
function trimmed(correlation: Correlation): Correlation {
  const { x, kernel, window, shape } = correlation;
  const { strides, dilations, padding } = window;
  const [rows, columns] = ([0, 1] as const).map((axis) =>
    liveTaps({
      kernel: kernel.size[axis],
      size: x.arrangement.shape[2 + axis]!,
      count: shape[2 + axis]!,
      stride: strides[axis],
      dilation: dilations[axis],
      before: padding[2 * axis]!,
      after: padding[2 * axis + 1]!,
    }),
  ) as [LiveTaps, LiveTaps];
  if (rows.count === kernel.size[0] && columns.count === kernel.size[1]) return correlation;
  return {
    ...correlation,
    kernel: {
      ...kernel,
      size: [rows.count, columns.count],
      taps: kernel.taps.filter((_, tap) => {
        const [row, column] = [Math.floor(tap / kernel.size[1]), tap % kernel.size[1]];
        return isLive(rows, row) && isLive(columns, column);
      }),
    },
    window: { ...window, padding: [rows.before, rows.after, columns.before, columns.after] },
  };
}

/** A convolution of one group by the cheapest way for its shape. */
export function correlate(builder: NativeBuilder, whole: Correlation): Value {
  const correlation = trimmed(whole);
  if (builder.block === undefined) {
    const [, , height, width] = correlation.shape;
    // ONNX Runtime's plain convolution is slow on small images, and Gather costs more on large ones.
    const isSmall = height * width < 100 && isGatherable(correlation.x, windowsOf(correlation));
    return isSmall ? correlateGathered(builder, correlation) : correlatePlainly(builder, correlation);
  }
  const isThin = inputsOf(correlation.kernel) < builder.block;
  if (!isThin && isTappedCheaper(builder, correlation)) return correlateByTaps(builder, correlation);
  if (isThin && 2 * outputsOf(correlation.kernel) < builder.block)
    return correlatePlainly(builder, correlation);
  return correlateDirectly(builder, correlation);
}
