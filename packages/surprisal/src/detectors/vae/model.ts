import {
  add,
  expandDims,
  mul,
  type Parameter,
  type RandomStream,
  square,
  squeeze,
  sum,
  type Tensor,
} from "@surprisal/engine";
import type { Network } from "../../deep/index.js";
import {
  type DecoderParameters,
  decoderHeads,
  decoderParameters,
  type EncoderParameters,
  encoderFeatures,
  encoderParameters,
  encoderWidth,
  foldSamples,
  headWidths,
  isStandardNormal,
  type Observation,
  type ObservationModel,
  type ObservationParameters,
  observationParameters,
  observe,
  type Posterior,
  type PosteriorParameters,
  type PosteriorShape,
  type PriorParameters,
  type PriorShape,
  posterior,
  posteriorParameters,
  priorLogProbability,
  priorParameters,
  reparameterize,
  type StateUpdates,
  unfoldSamples,
} from "../../networks/index.js";
import { gaussianKl, rate } from "../../scores/index.js";

type Float = Tensor<"float32">;

/** Network and distributions of a variational autoencoder: plain data. */
export interface VaeShape {
  readonly network: Network;
  readonly posterior: PosteriorShape;
  readonly observation: ObservationModel;
  readonly prior: PriorShape;
}

/** Parameters (or tensors) of a variational autoencoder. */
export type Vae<T> = {
  readonly encoder: EncoderParameters<T>;
  readonly posterior: PosteriorParameters<T>;
  readonly decoder: DecoderParameters<T>;
  readonly observation: ObservationParameters<T>;
  readonly prior: PriorParameters<T>;
};

export function vaeParameters(shape: VaeShape, stream: RandomStream): Vae<Parameter> {
  const { network, observation, prior } = shape;
  const { encoder, decoder, width, latent } = network;
  return {
    encoder: encoderParameters(encoder, width, stream),
    posterior: posteriorParameters(shape.posterior, encoderWidth(encoder, width), stream),
    decoder: decoderParameters(decoder, latent, headWidths(observation, width), stream),
    observation: observationParameters(observation, width),
    prior: priorParameters(prior, latent, stream),
  };
}

/** q(z | x) of rows x [..., B, width]; `updates` as of `encoderFeatures`. */
export function encode(vae: Vae<Float>, shape: VaeShape, x: Float, updates?: StateUpdates): Posterior {
  const features = encoderFeatures(vae.encoder, shape.network.encoder, x, updates);
  return posterior(vae.posterior, shape.posterior, features);
}

/** p(x | z) for codes z [..., B, latent]. */
export function decode(vae: Vae<Float>, { network, observation }: VaeShape, z: Float): Observation {
  const heads = decoderHeads(vae.decoder, network.decoder, headWidths(observation, network.width), z);
  return observe(observation, vae.observation, heads);
}

/** S samples z_s of a row and what the model says of them. */
export interface Sampled {
  /** log p(x | z_s) of every feature, [..., B, S, width]. */
  readonly perFeature: Float;
  /** The expected x of each sample, [..., B, S, width]. */
  readonly reconstructions: Float;
  /** log p(z_s) and log q(z_s | x), [..., B, S]. */
  readonly prior: Float;
  readonly posterior: Float;
}

/** log N(z; μ, σ²) where z = μ + σ · noise: -½ Σ (noise² + log σ² + log 2π). */
function posteriorLogProbability({ logVariance }: Posterior, noise: Float): Float {
  const terms = add(square(noise), expandDims(logVariance, -2));
  const latent = noise.shape.at(-1) as number;
  return mul(add(sum(terms, { axis: -1 }), latent * Math.log(2 * Math.PI)), -0.5);
}

/** Samples of q for rows x [..., B, width] by noise [..., B, S, latent], or [S, latent] for all rows alike. */
export function sampled(
  vae: Vae<Float>,
  shape: VaeShape,
  x: Float,
  q: Posterior,
  noise: Float,
  updates?: StateUpdates,
): Sampled {
  const { network, observation, prior } = shape;
  const samples = noise.shape.at(-2) as number;
  const z = reparameterize(
    { mean: expandDims(q.mean, -2), logVariance: expandDims(q.logVariance, -2) },
    noise,
  );
  const rows = foldSamples(z);
  const widths = headWidths(observation, network.width);
  const heads = decoderHeads(vae.decoder, network.decoder, widths, rows, updates);
  const given = observe(
    observation,
    vae.observation,
    heads.map((head) => unfoldSamples(head, samples)),
  );
  const logPrior = expandDims(priorLogProbability(vae.prior, prior, rows), -1);
  return {
    perFeature: given.logProbability(expandDims(x, -2)),
    reconstructions: given.mean,
    prior: squeeze(unfoldSamples(logPrior, samples), -1),
    posterior: posteriorLogProbability(q, noise),
  };
}

/**
 * KL(q(z | x) ‖ p(z)) of rows, [..., B]: in closed form for N(0, I), else its Monte-Carlo estimate by the
 * samples.
 */
export function rateOf({ prior }: VaeShape, q: Posterior, samples: Sampled): Float {
  return isStandardNormal(prior) ? gaussianKl(q.mean, q.logVariance) : rate(samples);
}
