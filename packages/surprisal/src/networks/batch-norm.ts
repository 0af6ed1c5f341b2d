import {
  add,
  mul,
  batchNormTraining as normalizeBatch,
  batchNorm as normalizeBy,
  type Parameter,
  type StateUpdate,
  type Tensor,
} from "@surprisal/engine";

type Float = Tensor<"float32">;

/**
 * A batch-normalisation layer (Ioffe & Szegedy 2015): what is learned and what is kept of the batches, one
 * entry a channel, as parameters or as tensors. The running statistics are not trainable.
 */
export type BatchNorm<T> = {
  /** The affine part; left out for none. */
  readonly affine?: { readonly scale: T; readonly bias: T };
  readonly mean: T;
  readonly variance: T;
};

export interface BatchNormShape {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** How much of the running statistics a batch replaces. Default 0.1. */
  readonly momentum?: number;
}

/** No scale, no shift and the statistics of a standard distribution to start from. */
export function batchNormParameters(
  channels: number,
  { affine = true }: { readonly affine?: boolean } = {},
): BatchNorm<Parameter> {
  const filled = (value: number) => ({
    shape: [channels],
    initial: new Float32Array(channels).fill(value),
  });
  return {
    ...(affine && { affine: { scale: filled(1), bias: filled(0) } }),
    mean: { ...filled(0), trainable: false },
    variance: { ...filled(1), trainable: false },
  };
}

/** Normalisation of x [B, channels, ...] by the running statistics: a row's result depends on it alone. */
export function batchNorm(
  { affine, mean, variance }: BatchNorm<Float>,
  x: Float,
  { epsilon }: BatchNormShape = {},
): Float {
  return normalizeBy(x, { mean, variance }, affine, epsilon === undefined ? {} : { epsilon });
}

/**
 * Normalisation of x [B, channels, ...] by the statistics of the batch, with the next running
 * statistics, for the loss to return as its `state`. As in PyTorch these keep the unbiased variance.
 */
export function batchNormTraining(
  parameters: BatchNorm<Float>,
  x: Float,
  { epsilon, momentum = 0.1 }: BatchNormShape = {},
): { readonly output: Float; readonly state: readonly StateUpdate[] } {
  const options = epsilon === undefined ? {} : { epsilon };
  const { output, mean, unbiasedVariance } = normalizeBatch(x, parameters.affine, options);
  const next = (running: Float, seen: Float): StateUpdate => [
    running,
    add(mul(running, 1 - momentum), mul(seen, momentum)),
  ];
  return {
    output,
    state: [next(parameters.mean, mean), next(parameters.variance, unbiasedVariance)],
  };
}
