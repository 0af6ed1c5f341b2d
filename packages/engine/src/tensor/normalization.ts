import type { FloatDType } from "./dtype.js";
import { add, div, mul, sqrt, sub } from "./elementwise.js";
import { reshape } from "./movement.js";
import { mean, variance } from "./reduction.js";
import type { Dim } from "./shape.js";
import type { Tensor } from "./tensor.js";

export interface BatchNormParameters<D extends FloatDType> {
  /** One entry a channel; left out for none. */
  readonly scale?: Tensor<D>;
  readonly bias?: Tensor<D>;
}

export interface BatchNormOptions {
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/** One entry a channel (axis 1), shaped so that it broadcasts over x. */
function alongChannels<D extends FloatDType>(x: Tensor<D>, values: Tensor<D>): Tensor<D> {
  return reshape(
    values,
    x.shape.map((_, i) => (i === 1 ? (values.shape[0] as Dim) : 1)),
  );
}

/** Normalisation by given statistics (inference mode); axis 1 holds the channels. */
export function batchNorm<D extends FloatDType>(
  x: Tensor<D>,
  statistics: { readonly mean: Tensor<D>; readonly variance: Tensor<D> },
  { scale, bias }: BatchNormParameters<D> = {},
  { epsilon = 1e-5 }: BatchNormOptions = {},
): Tensor<D> {
  const deviation = sqrt(add(statistics.variance, epsilon) as Tensor<D>);
  const factor = (scale ? div(scale, deviation) : div(1, deviation)) as Tensor<D>;
  const shift = sub(bias ?? 0, mul(statistics.mean, factor)) as Tensor<D>;
  return add(mul(x, alongChannels(x, factor)), alongChannels(x, shift)) as Tensor<D>;
}

/**
 * Normalisation by the statistics of the batch (training mode). Returns them too, the variance
 * both biased (used here) and unbiased (what running statistics keep, as PyTorch).
 */
export function batchNormTraining<D extends FloatDType>(
  x: Tensor<D>,
  parameters: BatchNormParameters<D> = {},
  options: BatchNormOptions = {},
): { output: Tensor<D>; mean: Tensor<D>; variance: Tensor<D>; unbiasedVariance: Tensor<D> } {
  const axis = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const statistics = { mean: mean(x, { axis }), variance: variance(x, { axis }) };
  const unbiasedVariance = variance(x, { axis, ddof: 1 });
  return { output: batchNorm(x, statistics, parameters, options), ...statistics, unbiasedVariance };
}
