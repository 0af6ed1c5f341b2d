import {
  abs,
  add,
  clip,
  log,
  mean,
  mul,
  type NoiseSpec,
  neg,
  type Parameter,
  type RandomStream,
  sigmoid,
  slice,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";
import type { Network } from "../../deep/index.js";
import type { DeepLoss, DeepModel, DeepStep } from "../../detector/index.js";
import {
  type DecoderParameters,
  type Dense,
  decoderHeads,
  decoderParameters,
  dense,
  denseParameters,
  type EncoderParameters,
  encoderFeatures,
  encoderParameters,
  encoderWidth,
  type StateUpdates,
} from "../../networks/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { bernoulliLogProbability } from "../../scores/index.js";
import { type Corruption, corrupt, corruptionNoise } from "./corruption.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors) of an autoencoder. */
export type Autoencoder<T> = {
  readonly encoder: EncoderParameters<T>;
  readonly code: Dense<T>;
  readonly decoder: DecoderParameters<T>;
};

/** A network with its loss: plain data. */
export interface AutoencoderShape {
  readonly network: Network;
  readonly loss: "squaredError" | "bernoulli";
  /** Whether the reconstruction is a sigmoid; always where the loss is Bernoulli's. */
  readonly output: "linear" | "sigmoid";
  /** Whether the code has noise in training whose deviation the encoder predicts. */
  readonly codeNoise: "none" | "learned";
  readonly corruption: Corruption;
  readonly sparsity: "none" | "l1" | "kl";
  readonly sparsityWeight: number;
  readonly sparsityTarget: number;
}

function autoencoderParameters(
  { network, codeNoise }: AutoencoderShape,
  stream: RandomStream,
): Autoencoder<Parameter> {
  const { encoder, decoder, width, latent } = network;
  return {
    encoder: encoderParameters(encoder, width, stream),
    code: denseParameters(
      encoderWidth(encoder, width),
      codeNoise === "learned" ? 2 * latent : latent,
      stream,
    ),
    decoder: decoderParameters(decoder, latent, [width], stream),
  };
}

/** Noise of one row's code in training. */
function codeNoiseOf({ codeNoise, network }: AutoencoderShape): Record<string, NoiseSpec> {
  return codeNoise === "learned" ? { code: { shape: [network.latent], distribution: "normal" } } : {};
}

/** What an encoder is given in training. */
export interface EncoderTraining {
  /** ε of the code, standard normal [B, latent]; without it the code is its mean. */
  readonly noise?: Float | undefined;
  readonly updates?: StateUpdates | undefined;
}

/**
 * The code of rows x [B, width]: μ(x) or, where the encoder has learned noise and is given ε, the sample
 * μ(x) + s(x) ε. The scale s has no bounds and no penalty, as published for CLAD.
 */
export function encode(
  parameters: Autoencoder<Float>,
  { network, sparsity, codeNoise }: AutoencoderShape,
  x: Float,
  { noise, updates }: EncoderTraining = {},
): Float {
  const { latent } = network;
  const heads = dense(parameters.code, encoderFeatures(parameters.encoder, network.encoder, x, updates));
  const isNoisy = codeNoise === "learned";
  const head = (start: number) => slice(heads, { [heads.shape.length - 1]: { start, end: start + latent } });
  const mean = isNoisy ? head(0) : heads;
  const code = isNoisy && noise ? add(mean, mul(head(latent), noise)) : mean;
  // A divergence of mean activations needs activations in (0, 1).
  return sparsity === "kl" ? sigmoid(code) : code;
}

/** What the decoder makes of a code: the reconstruction, or its logits where that is a sigmoid. */
function decode(
  parameters: Autoencoder<Float>,
  { network }: AutoencoderShape,
  code: Float,
  updates?: StateUpdates,
): Float {
  return decoderHeads(parameters.decoder, network.decoder, [network.width], code, updates)[0]!;
}

/** The reconstruction of rows x [B, width], in the units of x. */
export function reconstruct(parameters: Autoencoder<Float>, shape: AutoencoderShape, x: Float): Float {
  const decoded = decode(parameters, shape, encode(parameters, shape, x));
  return shape.output === "sigmoid" ? sigmoid(decoded) : decoded;
}

/** Keeps the logarithms of the divergence finite. */
const LEAST_ACTIVATION = 1e-6;

/**
 * What a batch of codes [..., B, latent] costs: Σ|z| a row, or the divergence of a Bernoulli variable
 * with the wanted mean activation from one with the batch's, Σ_j KL(ρ ‖ ρ̂_j).
 */
function sparsityPenalty(code: Float, { sparsity, sparsityTarget: target }: AutoencoderShape): Float {
  if (sparsity === "l1") return mean(sum(abs(code), { axis: -1 }), { axis: -1 });
  const activation = clip(mean(code, { axis: -2 }), LEAST_ACTIVATION, 1 - LEAST_ACTIVATION);
  const cross = add(mul(log(activation), target), mul(log(sub(1, activation)), 1 - target));
  const entropy = target * Math.log(target) + (1 - target) * Math.log(1 - target);
  return sum(sub(entropy, cross), { axis: -1 });
}

/** Error of reconstruction, summed over features and averaged over rows, with the penalty of the code. */
function autoencoderLoss(step: DeepStep<Autoencoder<Float>>, shape: AutoencoderShape): DeepLoss {
  const { parameters } = step;
  const x = asMatrix(step.x);
  const state: StateUpdates = [];
  const updates = step.training ? state : undefined;
  const seen = step.training ? corrupt(x, step.noise, shape.corruption) : x;
  const code = encode(parameters, shape, seen, {
    noise: step.training ? step.noise.code : undefined,
    updates,
  });
  const decoded = decode(parameters, shape, code, updates);
  const difference = sub(x, shape.output === "sigmoid" ? sigmoid(decoded) : decoded);
  const terms =
    shape.loss === "bernoulli" ? neg(bernoulliLogProbability(x, decoded)) : mul(difference, difference);
  const reconstruction = mean(sum(terms, { axis: -1 }), { axis: -1 });
  if (shape.sparsity === "none") return { loss: reconstruction, metrics: { reconstruction }, state };
  const penalty = sparsityPenalty(code, shape);
  return {
    loss: add(reconstruction, mul(penalty, shape.sparsityWeight)),
    metrics: { reconstruction, sparsity: penalty },
    state,
  };
}

/** What training an autoencoder takes. */
export function autoencoderTraining(
  shape: AutoencoderShape,
): Pick<DeepModel<Autoencoder<Float>>, "parameters" | "noise" | "scalars" | "loss"> {
  return {
    parameters: (stream) => autoencoderParameters(shape, stream),
    noise: { ...corruptionNoise(shape.corruption, shape.network.width), ...codeNoiseOf(shape) },
    scalars: () => ({}),
    loss: (step) => autoencoderLoss(step, shape),
  };
}
