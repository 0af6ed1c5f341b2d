import { maxPool2d, type StateUpdate, type Tensor } from "@surprisal/engine";
import { type Activation, activate } from "../activation.js";
import { type BatchNorm, batchNorm, batchNormTraining } from "../batch-norm.js";
import { type Convolution, type ConvolutionShape, convolution } from "../convolution.js";

type Float = Tensor<"float32">;

/** Collects the next running statistics of a training step's batch normalisation. */
export type StateUpdates = StateUpdate[];

/**
 * A convolution with what follows it: normalisation where there is one, pooling and activation. With
 * `updates` the batch is normalised by itself, and the next running statistics are added to them; without,
 * the running statistics normalise.
 */
export function convolutionBlock(
  { parameters, norm }: { readonly parameters: Convolution<Float>; readonly norm?: BatchNorm<Float> },
  layer: ConvolutionShape,
  activation: Activation,
  x: Float,
  updates?: StateUpdates,
): Float {
  let map = convolution(parameters, layer, x);
  if (norm && updates) {
    const { output, state } = batchNormTraining(norm, map);
    updates.push(...state);
    map = output;
  } else if (norm) map = batchNorm(norm, map);
  // Activations rise, so that the largest stays the largest: there are fewer values after pooling.
  if (layer.pool !== undefined && layer.pool > 1) map = maxPool2d(map, layer.pool);
  return activate(activation, map);
}
