import {
  conv2d,
  heUniform,
  matmul,
  normal,
  type Parameter,
  type RandomStream,
  relu,
  type StateUpdate,
  type Tensor,
} from "@surprisal/engine";
import { type BatchNorm, batchNorm, batchNormParameters, batchNormTraining } from "../batch-norm.js";
import type { Mode } from "./body.js";

type Float = Tensor<"float32">;

/**
 * A convolution, kernel [outputs, inputs, height, width], or a dense layer, weight [inputs, outputs], and the
 * batch norm behind it, whose shift takes the place of a bias.
 */
export type Normalized<T> = {
  readonly weight: T;
  readonly norm: BatchNorm<T>;
};

/** N(0, 2 / fanOut) as published for residual networks, and a batch norm without effect. */
export function normalizedConvolutionParameters(
  [outputs, inputs, height, width]: readonly [number, number, number, number],
  stream: RandomStream,
): Normalized<Parameter> {
  const shape = [outputs, inputs, height, width];
  const deviation = Math.sqrt(2 / (outputs * height * width));
  return {
    weight: { shape, initial: normal(0, deviation)(shape, stream) },
    norm: batchNormParameters(outputs),
  };
}

/** He-uniform weights, and a batch norm without effect. */
export function normalizedDenseParameters(
  inputs: number,
  outputs: number,
  stream: RandomStream,
): Normalized<Parameter> {
  const shape = [inputs, outputs];
  return {
    weight: { shape, initial: heUniform({ layout: "inputsFirst" })(shape, stream) },
    norm: batchNormParameters(outputs),
  };
}

/** Batch norms in one mode, with the running statistics that they come to. */
export interface Normalizer {
  readonly normalize: (norm: BatchNorm<Float>, x: Float) => Float;
  readonly state: readonly StateUpdate[];
}

/** Collects the updates of all layers that it normalises. */
export function normalizer(mode: Mode): Normalizer {
  const state: StateUpdate[] = [];
  return {
    state,
    normalize: (norm, x) => {
      if (mode === "inference") return batchNorm(norm, x);
      const next = batchNormTraining(norm, x);
      state.push(...next.state);
      return next.output;
    },
  };
}

/** Convolution of maps [B, channels, height, width], symmetrically padded as in PyTorch, and batch norm. */
export function normalizedConvolution(
  { weight, norm }: Normalized<Float>,
  x: Float,
  { normalize }: Normalizer,
  stride = 1,
): Float {
  const padding = Math.floor((weight.shape[2] as number) / 2);
  return normalize(norm, conv2d(x, weight, { strides: stride, padding }));
}

/** Dense layer, batch norm and ReLU of x [B, inputs]. */
export function normalizedDense(
  { weight, norm }: Normalized<Float>,
  x: Float,
  { normalize }: Normalizer,
): Float {
  return relu(normalize(norm, matmul(x, weight)));
}
