import type { DType, FloatDType, NumericDType } from "./dtype.js";
import { add, cast, clip, div, exp, log, mul, sqrt, square, sub } from "./elementwise.js";
import { customGradient, stopGradient } from "./gradient.js";
import { reshape, squeeze } from "./movement.js";
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
  const value = mul(sum(square(deviation), options), 1 / (count - ddof)) as Tensor<D>;
  // Deviations sum to 0, so that nothing flows through the mean.
  return customGradient(value, [x], (gradient) => {
    const along = reshape(gradient as Tensor<D>, reducedShape(x.shape, axes, true));
    return [mul(mul(along, 2 / (count - ddof)) as Tensor<D>, deviation)];
  });
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

/** Largest element along axes, kept with length 1 and finite, for shifting exponents. */
function finitePeak<D extends FloatDType>(x: Tensor<D>, axis: number | readonly number[]): Tensor<D> {
  const largest = x.dtype === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
  return stopGradient(clip(max(x, { axis, keepDims: true }), -largest, largest));
}

/**
 * log Σ exp(x), shifted by the largest element so that nothing overflows. Elements of -infinity
 * count as left out; the value is -infinity (its gradient NaN) where all are.
 */
export function logSumExp<D extends FloatDType>(x: Tensor<D>, options: ReduceOptions = {}): Tensor<D> {
  const axes = normalizeAxes(options.axis, x.shape.length);
  const peak = finitePeak(x, axes);
  const total = add(
    log(sum(exp(sub(x, peak) as Tensor<D>), { axis: axes, keepDims: true })),
    peak,
  ) as Tensor<D>;
  return options.keepDims ? total : squeeze(total, axes);
}

/** exp(x) / Σ exp(x) along an axis, the last by default. */
export function softmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  const weights = exp(sub(x, finitePeak(x, axis)) as Tensor<D>);
  const value = div(weights, sum(weights, { axis, keepDims: true })) as Tensor<D>;
  return customGradient(value, [x], (gradient, output) => {
    const product = mul(gradient as Tensor<D>, output as Tensor<D>) as Tensor<D>;
    const share = mul(output as Tensor<D>, sum(product, { axis, keepDims: true })) as Tensor<D>;
    return [sub(product, share)];
  });
}

/** log of softmax, without forming it. */
export function logSoftmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return sub(x, logSumExp(x, { axis, keepDims: true })) as Tensor<D>;
}
