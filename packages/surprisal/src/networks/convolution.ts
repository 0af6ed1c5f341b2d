import {
  add,
  conv2d,
  conv2dTranspose,
  glorotUniform,
  matmul,
  type Parameter,
  type RandomStream,
  reshape,
  swapAxes,
  type Tensor,
} from "@surprisal/engine";

type Float = Tensor<"float32">;
type Pair = readonly [number, number];

/** One layer of a convolutional network over maps [B, channels, height, width]: plain data. */
export interface ConvolutionShape {
  /** A transposed convolution makes maps larger where its stride is above 1. */
  readonly kind: "convolution" | "transposed";
  /** Channels of the result. */
  readonly filters: number;
  /** Rows and columns of the kernel; one number for both. */
  readonly kernel: number | Pair;
  /** Default 1. */
  readonly stride?: number;
  /**
   * "same" (default) gives ceil(size / stride), transposed size · stride; "valid" adds no border:
   * ceil((size - kernel + 1) / stride), transposed (size - 1) · stride + kernel. As in Keras.
   */
  readonly padding?: "same" | "valid";
  /** Of each window of so many rows and columns the largest goes on; what does not fill one is left out. */
  readonly pool?: number;
}

/**
 * Kernel [outputs, inputs, height, width], transposed [inputs, outputs, height, width], and bias
 * [outputs], as parameters or as tensors.
 */
export type Convolution<T> = {
  readonly kernel: T;
  readonly bias: T;
};

/** Height, width and channels of an image, in the order in which rows hold them. */
export type ImageShape = readonly [height: number, width: number, channels: number];

function kernelOf({ kernel }: ConvolutionShape): Pair {
  return typeof kernel === "number" ? [kernel, kernel] : kernel;
}

/** Glorot-uniform kernel and zero bias. */
export function convolutionParameters(
  layer: ConvolutionShape,
  inputs: number,
  stream: RandomStream,
): Convolution<Parameter> {
  const { kind, filters } = layer;
  const ends = kind === "transposed" ? [inputs, filters] : [filters, inputs];
  const shape = [...ends, ...kernelOf(layer)];
  return {
    kernel: { shape, initial: glorotUniform()(shape, stream) },
    bias: { shape: [filters], initial: new Float32Array(filters) },
  };
}

/** Shape of a layer's result. Throws a `RangeError` where the kernel does not fit. */
export function convolvedShape(layer: ConvolutionShape, [height, width]: ImageShape): ImageShape {
  const { kind, filters, stride = 1, padding = "same", pool = 1 } = layer;
  const kernel = kernelOf(layer);
  const [rows, columns] = [height, width].map((size, axis) => {
    const reach = kernel[axis]!;
    if (kind === "transposed") return padding === "same" ? size * stride : (size - 1) * stride + reach;
    if (padding === "same") return Math.ceil(size / stride);
    if (size < reach) throw new RangeError(`a kernel of ${reach} does not fit ${size} pixels`);
    return Math.ceil((size - reach + 1) / stride);
  });
  return [Math.floor(rows! / pool), Math.floor(columns! / pool), filters];
}

/** The kernel against the whole map: a matrix product, which is faster than a convolution. */
function wholeMap(kernel: Float, x: Float): Float {
  const [filters, ...field] = kernel.shape as [number, ...number[]];
  const taps = field.reduce((size, dim) => size * dim, 1);
  const product = matmul(reshape(x, [x.shape[0]!, taps]), swapAxes(reshape(kernel, [filters, taps]), 0, 1));
  return reshape(product, [x.shape[0]!, filters, 1, 1]);
}

/** A single point spread by the kernel: a matrix product too. */
function fromPoint(kernel: Float, x: Float): Float {
  const [inputs, ...field] = kernel.shape as [number, ...number[]];
  const taps = field.reduce((size, dim) => size * dim, 1);
  const product = matmul(reshape(x, [x.shape[0]!, inputs]), reshape(kernel, [inputs, taps]));
  return reshape(product, [x.shape[0]!, ...field]);
}

function convolve(kernel: Float, layer: ConvolutionShape, x: Float): Float {
  const { kind, stride = 1, padding = "same" } = layer;
  const [, , height, width] = x.shape;
  const [rows, columns] = kernelOf(layer);
  if (kind === "transposed") {
    if (padding === "valid" && height === 1 && width === 1) return fromPoint(kernel, x);
    return conv2dTranspose(x, kernel, { strides: stride, padding });
  }
  if (padding === "valid" && height === rows && width === columns) return wholeMap(kernel, x);
  return conv2d(x, kernel, { strides: stride, padding });
}

/** The layer applied to maps [B, channels, height, width], before any pooling. */
export function convolution({ kernel, bias }: Convolution<Float>, layer: ConvolutionShape, x: Float): Float {
  return add(convolve(kernel, layer, x), reshape(bias, [layer.filters, 1, 1]));
}
