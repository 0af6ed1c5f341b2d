import type { FloatDType } from "./dtype.js";
import type { WindowAttributes } from "./operators.js";
import { type Dim, formatShape, staticDim } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

type Pair = readonly [number, number];

/** "same" keeps ceil(size / stride) as TensorFlow does; "valid" adds nothing; numbers say how much. */
export type Padding = "same" | "valid" | number | Pair | readonly [number, number, number, number];

export interface WindowOptions {
  /** Rows, columns; one number for both. Default 1. */
  readonly strides?: number | Pair;
  /**
   * "same", "valid" (default), one width for all sides, [rows, columns], or
   * [rows before, rows after, columns before, columns after].
   */
  readonly padding?: Padding;
  /** Distance of kernel taps. Default 1. */
  readonly dilations?: number | Pair;
}

export interface ConvOptions extends WindowOptions {
  /** Channel groups. Default 1. */
  readonly groups?: number;
}

function pair(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : value;
}

/** The attributes of a window over an image of the given size. */
export function windowAttributes(options: WindowOptions, size: Pair, kernel: Pair): WindowAttributes {
  const strides = pair(options.strides ?? 1);
  const dilations = pair(options.dilations ?? 1);
  for (const [name, values] of Object.entries({ strides, dilations })) {
    if (values.some((value) => !Number.isInteger(value) || value < 1)) {
      throw new RangeError(`${name} must be positive integers, got ${values.join(", ")}`);
    }
  }
  const { padding = "valid" } = options;
  if (typeof padding !== "string" && [padding].flat().some((side) => !Number.isInteger(side) || side < 0)) {
    throw new RangeError(`padding must be non-negative integers, got ${padding}`);
  }
  if (padding === "valid") return { strides, dilations, padding: [0, 0, 0, 0] };
  if (padding === "same") {
    const sides = ([0, 1] as const).flatMap((axis) => {
      const reach = (kernel[axis] - 1) * dilations[axis] + 1;
      const total = Math.max(
        0,
        (Math.ceil(size[axis] / strides[axis]) - 1) * strides[axis] + reach - size[axis],
      );
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    }) as [number, number, number, number];
    return { strides, dilations, padding: sides };
  }
  if (typeof padding === "number")
    return { strides, dilations, padding: [padding, padding, padding, padding] };
  if (padding.length === 4) return { strides, dilations, padding };
  return { strides, dilations, padding: [padding[0], padding[0], padding[1], padding[1]] };
}

/** Rows and columns of the result of a window. Throws a `TypeError` when the window does not fit. */
export function windowOutput(attributes: WindowAttributes, size: Pair, kernel: Pair): [number, number] {
  return ([0, 1] as const).map((axis) => {
    const padded = size[axis] + attributes.padding[2 * axis]! + attributes.padding[2 * axis + 1]!;
    const reach = (kernel[axis] - 1) * attributes.dilations[axis] + 1;
    if (padded < reach) throw new TypeError(`a window of ${reach} does not fit ${padded} padded elements`);
    return Math.floor((padded - reach) / attributes.strides[axis]) + 1;
  }) as [number, number];
}

function requireOneDType(name: string, x: Tensor, kernel: Tensor): void {
  if (x.dtype !== kernel.dtype) {
    throw new TypeError(`${name} needs data and kernel of one dtype, got ${x.dtype} and ${kernel.dtype}`);
  }
}

/** Rows and columns of NCHW data. Throws a `TypeError` for another rank or a symbolic size. */
export function imageSize(name: string, x: Tensor): [number, number] {
  if (x.shape.length !== 4)
    throw new TypeError(`${name} needs [N, C, H, W] data, got ${formatShape(x.shape)}`);
  return [staticDim(x.shape[2], name), staticDim(x.shape[3], name)];
}

/**
 * Two-dimensional cross-correlation of x [N, C, H, W] with kernel [O, C / groups, kh, kw],
 * giving [N, O, H', W'].
 */
export function conv2d<D extends FloatDType>(
  x: Tensor<D>,
  kernel: Tensor<D>,
  options: ConvOptions = {},
): Tensor<D> {
  requireOneDType("conv2d", x, kernel);
  const size = imageSize("conv2d", x);
  const taps = imageSize("conv2d kernel", kernel);
  const { groups = 1 } = options;
  const channels = staticDim(x.shape[1], "conv2d channels");
  const outputs = staticDim(kernel.shape[0], "conv2d kernel");
  if (kernel.shape[1] !== channels / groups || outputs % groups !== 0) {
    throw new TypeError(
      `conv2d of ${formatShape(x.shape)} with kernel ${formatShape(kernel.shape)} and ${groups} group(s) does not fit`,
    );
  }
  const window = windowAttributes(options, size, taps);
  const shape = [x.shape[0] as Dim, outputs, ...windowOutput(window, size, taps)];
  return node("conv", [x, kernel], { ...window, groups }, shape, x.dtype);
}

export interface ConvTransposeOptions extends ConvOptions {
  /**
   * Rows and columns of the result. Default: the smallest size whose convolution has y's size;
   * with "same" padding, size · stride as in Keras.
   */
  readonly outputSize?: Pair;
}

/**
 * Transposed convolution of y [N, O, H', W'] with kernel [O, C / groups, kh, kw], giving
 * [N, C, H, W]: the gradient of conv2d with the same options with respect to its data.
 */
export function conv2dTranspose<D extends FloatDType>(
  y: Tensor<D>,
  kernel: Tensor<D>,
  options: ConvTransposeOptions = {},
): Tensor<D> {
  requireOneDType("conv2dTranspose", y, kernel);
  const size = imageSize("conv2dTranspose", y);
  const taps = imageSize("conv2dTranspose kernel", kernel);
  const { groups = 1 } = options;
  const strides = pair(options.strides ?? 1);
  const dilations = pair(options.dilations ?? 1);
  const outputSize =
    options.outputSize ??
    (([0, 1] as const).map((axis) => {
      if (options.padding === "same") return size[axis] * strides[axis];
      const { padding } = windowAttributes(options, size, taps);
      const reach = (taps[axis] - 1) * dilations[axis] + 1;
      return (size[axis] - 1) * strides[axis] + reach - padding[2 * axis]! - padding[2 * axis + 1]!;
    }) as [number, number]);
  const window = windowAttributes(options, outputSize, taps);
  const made = windowOutput(window, outputSize, taps);
  if (kernel.shape[0] !== y.shape[1] || made[0] !== size[0] || made[1] !== size[1]) {
    throw new TypeError(
      `conv2dTranspose of ${formatShape(y.shape)} with kernel ${formatShape(kernel.shape)} to ${outputSize.join("×")} does not fit`,
    );
  }
  const channels = staticDim(kernel.shape[1], "conv2dTranspose kernel") * groups;
  const attributes = { ...window, groups, outputSize };
  return node(
    "convTranspose",
    [y, kernel],
    attributes,
    [y.shape[0] as Dim, channels, ...outputSize],
    y.dtype,
  );
}
