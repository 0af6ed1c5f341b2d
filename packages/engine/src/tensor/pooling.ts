import { imageSize, type WindowOptions, windowAttributes, windowOutput } from "./convolution.js";
import type { FloatDType } from "./dtype.js";
import type { Dim } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

type Pair = readonly [number, number];

function pooling(operator: "maxPool" | "averagePool") {
  return <D extends FloatDType>(
    x: Tensor<D>,
    kernel: number | Pair,
    options: WindowOptions = {},
  ): Tensor<D> => {
    const size = imageSize(operator, x);
    const taps: Pair = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const window = windowAttributes({ ...options, strides: options.strides ?? taps }, size, taps);
    const shape = [x.shape[0] as Dim, x.shape[1] as Dim, ...windowOutput(window, size, taps)];
    return node(operator, [x], { ...window, kernel: taps }, shape, x.dtype);
  };
}

/** Largest element of each window of [N, C, H, W] data; strides default to the kernel. */
export const maxPool2d = pooling("maxPool");
/** Mean of each window of [N, C, H, W] data, padding not counted; strides default to the kernel. */
export const averagePool2d = pooling("averagePool");
