import type { FloatDType } from "./dtype.js";
import { add, div, mul, neg, sqrt, square, sub } from "./elementwise.js";
import { customGradient } from "./gradient.js";
import { reshape } from "./movement.js";
import { mean } from "./reduction.js";
import { type Dim, staticDim } from "./shape.js";
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

/** The mean of every channel over the batch and its positions: [channels]. Over positions first, which lie side by side. */
function channelMean<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  const positions = x.shape.flatMap((_, i) => (i > 1 ? [i] : []));
  return mean(positions.length > 0 ? mean(x, { axis: positions }) : x, { axis: 0 });
}

/**
 * Normalisation by the statistics of the batch (training mode). Returns them too, the variance
 * both biased (used here) and unbiased (what running statistics keep, as PyTorch).
 */
export function batchNormTraining<D extends FloatDType>(
  x: Tensor<D>,
  { scale, bias }: BatchNormParameters<D> = {},
  { epsilon = 1e-5 }: BatchNormOptions = {},
): { output: Tensor<D>; mean: Tensor<D>; variance: Tensor<D>; unbiasedVariance: Tensor<D> } {
  const center = channelMean(x);
  const moved = sub(x, alongChannels(x, center)) as Tensor<D>;
  const spread = channelMean(square(moved));
  const count = x.shape.reduce<number>(
    (n, dim, i) => (i === 1 ? n : n * staticDim(dim, "batchNormTraining")),
    1,
  );
  const inverse = div(1, sqrt(add(spread, epsilon) as Tensor<D>)) as Tensor<D>;
  const factor = (scale ? mul(inverse, scale) : inverse) as Tensor<D>;
  const plain = mul(moved, alongChannels(x, factor)) as Tensor<D>;
  const forward = bias ? (add(plain, alongChannels(x, bias)) as Tensor<D>) : plain;
  // In closed form it passes over the maps half as often: with x̂ the normalised x and g the gradient,
  // factor · (g - mean g - x̂ · mean(g x̂)).
  const output = customGradient(forward, [x, ...(scale ? [scale] : []), ...(bias ? [bias] : [])], (given) => {
    const gradient = given as Tensor<D>;
    const level = channelMean(gradient);
    const slope = channelMean(mul(gradient, moved) as Tensor<D>);
    const curve = mul(mul(slope, square(inverse)), factor) as Tensor<D>;
    const along = add(
      mul(gradient, alongChannels(x, factor)),
      mul(moved, alongChannels(x, neg(curve) as Tensor<D>)),
    ) as Tensor<D>;
    return [
      sub(along, alongChannels(x, mul(level, factor) as Tensor<D>)),
      ...(scale ? [mul(mul(slope, inverse), count)] : []),
      ...(bias ? [mul(level, count)] : []),
    ];
  });
  const unbiasedVariance = mul(spread, count / Math.max(1, count - 1)) as Tensor<D>;
  return { output, mean: center, variance: spread, unbiasedVariance };
}
