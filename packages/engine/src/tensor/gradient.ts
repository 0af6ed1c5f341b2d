import type { DType } from "./dtype.js";
import type { GradientRule } from "./operators.js";
import { node, type Tensor } from "./tensor.js";

/** The value of x, through which no gradient flows. */
export function stopGradient<D extends DType>(x: Tensor<D>): Tensor<D> {
  return node("stopGradient", [x], {}, x.shape, x.dtype);
}

/**
 * The value of `forward` with a gradient of one's own: `rule(gradient, output, inputs)` returns
 * the gradient for each of `inputs` (undefined for none); nothing flows into `forward` itself.
 */
export function customGradient<D extends DType>(
  forward: Tensor<D>,
  inputs: readonly Tensor[],
  rule: GradientRule,
): Tensor<D> {
  return node("customGradient", [forward, ...inputs], { rule }, forward.shape, forward.dtype);
}

/** The value of `forward` with the gradient of `backward` (straight-through estimator). */
export function straightThrough<D extends DType>(forward: Tensor<D>, backward: Tensor<D>): Tensor<D> {
  return customGradient(forward, [backward], (gradient) => [gradient]);
}
