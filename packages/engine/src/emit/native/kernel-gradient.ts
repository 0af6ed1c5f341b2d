import { blocked, canonical, plain } from "../../layout/arrangement.js";
import { int, ints } from "../../onnx/attribute.js";
import {
  addBlocked,
  fromBlocks,
  gatherRows,
  type NativeBuilder,
  padEnd,
  roundUp,
  shaped,
  slice,
  toBlocks,
  transpose,
} from "./builder.js";
import { gradientGathered } from "./gathered.js";
import { plainName, rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

export interface KernelGradient {
  /** [N, I, H, W] */
  readonly x: Value;
  /** [N, O, H', W'] */
  readonly y: Value;
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Rows before, columns before. */
  readonly before: readonly [number, number];
  readonly kernel: readonly [number, number];
}

type Four = readonly [number, number, number, number];

/** Bytes of one block of y's images that a kernel of ONNX Runtime sweeps again and again. */
const cacheBudget = 640 * 1024;

/** Zeros around the rows and columns of a blocked value; images may also be cut at the end. */
function framed(
  builder: NativeBuilder,
  value: Value,
  before: readonly [number, number],
  after: readonly [number, number],
): string {
  const [batch, channels, height, width] = value.arrangement.shape as Four;
  const wide = roundUp(channels, builder.block!);
  const dims = [batch, wide, height, width];
  const name = shaped(builder, value.name, value.dims, dims);
  const widths = [...before, ...after].map((size) => Math.max(0, size));
  if (widths.every((size) => size === 0)) return name;
  // A depthwise convolution with kernel 1 copies on all threads; Pad does not.
  const ones = builder.context.constant({
    dtype: "float32",
    shape: [wide, 1, 1, 1],
    data: new Float32Array(wide).fill(1),
  });
  return addBlocked(builder, "Conv", [name, ones], {
    kernel_shape: ints([1, 1]),
    strides: ints([1, 1]),
    dilations: ints([1, 1]),
    pads: ints(widths),
    group: int(wide),
  });
}

/** The number of parts that y's rows are cut into, so that each fits the cache. */
function partsOf(rows: number, bytesPerRow: number): number {
  let parts = 1;
  while (parts < rows && (rows % parts !== 0 || (rows / parts) * bytesPerRow > cacheBudget)) parts++;
  return parts;
}

/**
 * Σ over images and places of x · y as one blocked convolution in which the images are the
 * channels, y is the kernel and x's own channels lie beside its columns: [I / b, N, H, W · b]. A
 * step of one column is a step of b places, so that all places of the result are next to each
 * other and the convolution runs at its full speed.
 */
function byImagesAsChannels(builder: NativeBuilder, spec: KernelGradient): Value {
  const block = builder.block!;
  const { strides, before, kernel } = spec;
  const [batch, inputs, height, width] = spec.x.arrangement.shape as Four;
  const [, outputs, outHeight, outWidth] = spec.y.arrangement.shape as Four;
  const x = rearranged(builder, spec.x, blocked(spec.x.arrangement.shape, block));
  const y = rearranged(builder, spec.y, blocked(spec.y.arrangement.shape, block));
  const [inputBlocks, outputBlocks] = [inputs, outputs].map((size) => roundUp(size, block) / block) as [
    number,
    number,
  ];
  const images = roundUp(batch, block);
  const imageBlocks = images / block;

  const needed = ([0, 1] as const).map(
    (axis) => strides[axis] * ((axis ? outWidth : outHeight) - 1) + kernel[axis],
  );
  const after = [needed[0]! - height - before[0], needed[1]! - width - before[1]] as const;
  const rows = height + before[0] + Math.max(0, after[0]);
  const columns = width + before[1] + Math.max(0, after[1]);
  const parts = partsOf(outHeight, block * Math.min(outputBlocks * block, 64) * outWidth * 4);
  const partRows = outHeight / parts;
  const extraColumns = Math.max(0, -after[1]);
  const taps = [kernel[0], kernel[1] + extraColumns] as const;
  const reach = strides[0] * (partRows - 1) + kernel[0];

  const frame = framed(builder, x, before, after);
  const perImage = inputBlocks * rows * columns * block;
  const filled = padEnd(
    builder,
    shaped(builder, frame, [batch, inputBlocks * block, rows, columns], [batch, perImage]),
    [batch, perImage],
    [images, perImage],
  );
  const turned = toBlocks(builder, filled, [images, perImage], [1, images, perImage]);
  const lines = new Int32Array(inputBlocks * imageBlocks * parts * reach);
  let i = 0;
  for (let c = 0; c < inputBlocks; c++) {
    for (let n = 0; n < imageBlocks; n++) {
      for (let part = 0; part < parts; part++) {
        for (let row = 0; row < reach; row++) {
          lines[i++] = (n * inputBlocks + c) * rows + strides[0] * partRows * part + row;
        }
      }
    }
  }
  const line = columns * block * block;
  const table = shaped(builder, turned, [1, images, perImage, 1], [imageBlocks * inputBlocks * rows, line]);
  const lineDims = [inputBlocks, imageBlocks * parts, reach];
  const isInPlace =
    lines.every((row, place) => row === place) && lines.length === imageBlocks * inputBlocks * rows;
  const data = isInPlace ? table : gatherRows(builder, table, lines, lineDims);
  const dataDims = isInPlace ? [lines.length, line] : [...lineDims, line];

  const perBatch = outputBlocks * outHeight * outWidth;
  const yRows = padEnd(
    builder,
    shaped(builder, y.name, y.dims, [batch, perBatch * block]),
    [batch, perBatch * block],
    [images, perBatch * block],
  );
  const places = new Int32Array(images * perBatch);
  i = 0;
  for (let o = 0; o < outputBlocks; o++) {
    for (let n = 0; n < imageBlocks; n++) {
      for (let place = 0; place < outHeight * outWidth; place++) {
        for (let image = 0; image < block; image++) {
          places[i++] = ((n * block + image) * outputBlocks + o) * outHeight * outWidth + place;
        }
      }
    }
  }
  const weights = gatherRows(
    builder,
    shaped(builder, yRows, [images, perBatch * block], [images * perBatch, block]),
    places,
    [places.length],
  );
  const name = addBlocked(
    builder,
    "Conv",
    [
      shaped(builder, data, dataDims, [inputBlocks, images * parts, reach, columns * block]),
      shaped(
        builder,
        weights,
        [places.length, block],
        [outputBlocks * block, images * parts, partRows, outWidth],
      ),
    ],
    {
      kernel_shape: ints([partRows, outWidth]),
      dilations: ints([strides[0], strides[1] * block]),
      strides: ints([1, 1]),
      pads: ints([0, 0, 0, 0]),
      group: int(1),
    },
  );
  return plainGradient(builder, name, { inputs, outputs, kernel, taps });
}

/**
 * The gradient as byImagesAsChannels makes it, [I / b, O / b, taps, b of I, b of O], row-major: an optimizer
 * reads it beside the parameters and their averages, which are. Three moves that each keep what lies
 * together take a fraction of the time of one transpose of five axes.
 */
function plainGradient(
  builder: NativeBuilder,
  name: string,
  spec: {
    readonly inputs: number;
    readonly outputs: number;
    readonly kernel: readonly [number, number];
    /** Taps that were made, of which the first columns are the kernel's. */
    readonly taps: readonly [number, number];
  },
): Value {
  const block = builder.block!;
  const { inputs, outputs, kernel, taps } = spec;
  const wide = roundUp(inputs, block);
  const blocks = wide / block;
  const count = taps[0] * taps[1];
  const [places, wideOutputs] = [count * block, roundUp(outputs, block)];
  const made = fromBlocks(
    builder,
    name,
    [blocks, wideOutputs, taps[0], taps[1] * block],
    [blocks, outputs, places],
  );
  const byInputs = shaped(builder, made, [blocks, outputs, places, 1], [blocks, outputs, places]);
  const byOutputs = blocks > 1 ? transpose(builder, byInputs, [1, 0, 2]) : byInputs;
  const table = shaped(
    builder,
    byOutputs,
    blocks > 1 ? [outputs, blocks, places] : [blocks, outputs, places],
    [outputs * blocks, count, block],
  );
  const turned = count > 1 ? transpose(builder, table, [0, 2, 1]) : table;
  const from = [outputs * blocks, ...(count > 1 ? [block, count] : [count, block])];
  const whole = [outputs, wide, ...taps];
  const dims = [outputs, inputs, ...kernel];
  return {
    name: slice(builder, shaped(builder, turned, from, whole), whole, dims),
    dims,
    arrangement: plain(dims),
    dtype: "float32",
    isZeroPadded: true,
  };
}

/** Every tap of plain images as rows [N, channels · taps, places]. */
function tapRows(
  builder: NativeBuilder,
  value: Value,
  spec: {
    readonly before: readonly [number, number];
    readonly kernel: readonly [number, number];
    readonly strides: readonly [number, number];
    readonly counts: readonly [number, number];
    readonly isReversed: boolean;
  },
): string {
  const { context } = builder;
  const { before, kernel, strides, counts } = spec;
  const [batch, channels, height, width] = value.arrangement.shape as Four;
  const ends = ([0, 1] as const).map((axis) => strides[axis] * (counts[axis] - 1) + kernel[axis]);
  const after = [ends[0]! - height - before[0], ends[1]! - width - before[1]].map((size) =>
    Math.max(0, size),
  );
  const pads = [0, 0, ...before, 0, 0, ...after];
  const source = plainName(builder, value);
  const padded = pads.some((size) => size > 0) ? context.add("Pad", [source, context.int64(pads)]) : source;
  const parts: string[] = [];
  for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
    const stored = spec.isReversed ? kernel[0] * kernel[1] - 1 - tap : tap;
    const start = [Math.floor(stored / kernel[1]), stored % kernel[1]];
    const part = context.add("Slice", [
      padded,
      context.int64(start),
      context.int64(start.map((from, axis) => from + strides[axis]! * (counts[axis]! - 1) + 1)),
      context.int64([2, 3]),
      context.int64(strides),
    ]);
    parts.push(shaped(builder, part, [], [batch, channels, 1, counts[0] * counts[1]]));
  }
  return parts.length === 1 ? parts[0]! : context.add("Concat", parts, { axis: int(2) });
}

/**
 * Where one side has few channels: its taps as rows, times the other side's places, image by
 * image. `isOfX` says whether the taps are x's (else y's, reversed, for strides of 1).
 */
function byTaps(builder: NativeBuilder, spec: KernelGradient, isOfX: boolean): Value {
  const block = builder.block!;
  const { context } = builder;
  const { x, y, kernel, strides, before } = spec;
  const [thin, thick] = isOfX ? [x, y] : [y, x];
  const [batch, few] = thin.arrangement.shape as Four;
  const [, many, height, width] = thick.arrangement.shape as Four;
  const taps = kernel[0] * kernel[1];
  const rows = tapRows(builder, thin, {
    before: isOfX ? before : [kernel[0] - 1 - before[0], kernel[1] - 1 - before[1]],
    kernel,
    strides,
    counts: [height, width],
    isReversed: !isOfX,
  });
  const other = rearranged(builder, thick, blocked(thick.arrangement.shape, block));
  const blocks = roundUp(many, block) / block;
  const product = context.add("MatMul", [
    shaped(builder, rows, [], [batch, 1, few * taps, height * width]),
    shaped(builder, other.name, other.dims, [batch, blocks, height * width, block]),
  ]);
  const total = context.add("ReduceSum", [product, context.int64([0])], { keepdims: int(0) });
  return {
    name: total,
    dims: [blocks, few * taps, block],
    arrangement: canonical({
      shape: isOfX ? [many, few, ...kernel] : [few, many, ...kernel],
      sizes: [blocks, few, kernel[0], kernel[1], block],
      parts: isOfX ? [[0, 4], [1], [2], [3]] : [[1], [0, 4], [2], [3]],
    }),
    dtype: "float32",
    isZeroPadded: false,
  };
}

/** The gradient of a convolution of one group for its kernel; undefined where no native way fits. */
export function emitKernelGradient(builder: NativeBuilder, spec: KernelGradient): Value | undefined {
  const { block } = builder;
  const { x, y, kernel, strides, dilations, before } = spec;
  if (block === undefined) return gradientGathered(builder, spec);
  if (dilations.some((size) => size !== 1)) return undefined;
  const [inputs, outputs] = [x.arrangement.shape[1]!, y.arrangement.shape[1]!];
  const taps = kernel[0] * kernel[1];
  const isFew = (channels: number) => 2 * channels < block && channels * taps <= 4 * block;
  if (isFew(inputs)) return byTaps(builder, spec, true);
  const isReversible =
    strides.every((size) => size === 1) && before.every((size, axis) => size < kernel[axis]!);
  if (isFew(outputs) && isReversible) return byTaps(builder, spec, false);
  return byImagesAsChannels(builder, spec);
}
