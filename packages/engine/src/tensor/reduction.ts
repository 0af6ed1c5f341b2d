import type { DType, FloatDType, NumericDType } from "./dtype.js";
import { add, cast, div, exp, log, mul, sqrt, square, sub } from "./elementwise.js";
import { stopGradient } from "./gradient.js";
import { squeeze } from "./movement.js";
import { normalizeAxes, normalizeAxis, type Shape, sizeOf, staticDim } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

export interface ReduceOptions {
  /** Axes to reduce; all of them by default. */
  readonly axis?: number | readonly number[];
  /** Keep reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return shape.filter((_, i) => !axes.includes(i));
}

function reduction(operator: "sum" | "prod" | "max" | "min") {
  return <D extends NumericDType>(
    x: Tensor<D>,
    { axis, keepDims = false }: ReduceOptions = {},
  ): Tensor<D> => {
    if ((x.dtype as DType) === "bool" || (x.dtype as DType) === "string") {
      throw new TypeError(`${operator} needs a numeric tensor, got ${x.dtype}; use cast()`);
    }
    const axes = normalizeAxes(axis, x.shape.length);
    if (axes.length === 0) return x;
    return node(operator, [x], { axes, keepDims }, reducedShape(x.shape, axes, keepDims), x.dtype);
  };
}

export const sum = reduction("sum");
export const prod = reduction("prod");
/** Largest element; a gradient is shared equally among ties. */
export const max = reduction("max");
/** Smallest element; a gradient is shared equally among ties. */
export const min = reduction("min");

/** Arithmetic mean; the reduced axes must have fixed lengths. */
export function mean<D extends FloatDType>(x: Tensor<D>, options: ReduceOptions = {}): Tensor<D> {
  const axes = normalizeAxes(options.axis, x.shape.length);
  const count = staticDim(sizeOf(axes.map((axis) => x.shape[axis]!)), "mean");
  return mul(sum(x, options), 1 / count) as Tensor<D>;
}

/** Mean squared deviation from the mean, divided by n - ddof. */
export function variance<D extends FloatDType>(
  x: Tensor<D>,
  { ddof = 0, ...options }: ReduceOptions & { readonly ddof?: number } = {},
): Tensor<D> {
  const axes = normalizeAxes(options.axis, x.shape.length);
  const count = staticDim(sizeOf(axes.map((axis) => x.shape[axis]!)), "variance");
  const deviation = sub(x, mean(x, { axis: axes, keepDims: true })) as Tensor<D>;
  return mul(sum(square(deviation), options), 1 / (count - ddof)) as Tensor<D>;
}

export function std<D extends FloatDType>(
  x: Tensor<D>,
  options: ReduceOptions & { readonly ddof?: number } = {},
): Tensor<D> {
  return sqrt(variance(x, options));
}

function argReduction(operator: "argMax" | "argMin") {
  return (
    x: Tensor<NumericDType>,
    { axis = -1, keepDims = false }: { readonly axis?: number; readonly keepDims?: boolean } = {},
  ): Tensor<"int64"> => {
    const at = normalizeAxis(axis, x.shape.length);
    return node(operator, [x], { axis: at, keepDims }, reducedShape(x.shape, [at], keepDims), "int64");
  };
}

/** Index of the first largest element along an axis (the last by default). */
export const argMax = argReduction("argMax");
/** Index of the first smallest element along an axis (the last by default). */
export const argMin = argReduction("argMin");

export interface CumsumOptions {
  readonly axis?: number;
  /** Leave the element itself out of its sum. Default false. */
  readonly exclusive?: boolean;
  /** Sum from the end. Default false. */
  readonly reverse?: boolean;
}

export function cumsum<D extends NumericDType>(x: Tensor<D>, options: CumsumOptions = {}): Tensor<D> {
  const { axis = -1, exclusive = false, reverse = false } = options;
  return node(
    "cumsum",
    [x],
    { axis: normalizeAxis(axis, x.shape.length), exclusive, reverse },
    x.shape,
    x.dtype,
  );
}

/** Whether any element is true. */
export function any(x: Tensor<"bool">, options: ReduceOptions = {}): Tensor<"bool"> {
  return cast(max(cast(x, "int32"), options), "bool");
}

/** Whether all elements are true. */
export function all(x: Tensor<"bool">, options: ReduceOptions = {}): Tensor<"bool"> {
  return cast(min(cast(x, "int32"), options), "bool");
}

/** log Σ exp(x), shifted by the largest element so that nothing overflows. */
export function logSumExp<D extends FloatDType>(x: Tensor<D>, options: ReduceOptions = {}): Tensor<D> {
  const axes = normalizeAxes(options.axis, x.shape.length);
  const peak = stopGradient(max(x, { axis: axes, keepDims: true }));
  const total = add(
    log(sum(exp(sub(x, peak) as Tensor<D>), { axis: axes, keepDims: true })),
    peak,
  ) as Tensor<D>;
  return options.keepDims ? total : squeeze(total, axes);
}

/** exp(x) / Σ exp(x) along an axis, the last by default. */
export function softmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  const peak = stopGradient(max(x, { axis, keepDims: true }));
  const weights = exp(sub(x, peak) as Tensor<D>);
  return div(weights, sum(weights, { axis, keepDims: true })) as Tensor<D>;
}

/** log of softmax, without forming it. */
export function logSoftmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return sub(x, logSumExp(x, { axis, keepDims: true })) as Tensor<D>;
}
