import {
  mean as average,
  clip,
  constant,
  expandDims,
  neg,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";
import type { ScoreGraph } from "../../detector/index.js";
import { decode, encode, reparameterize, type Vae, type VaeShape } from "../../networks/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { gaussianKl, logMeanProbability, meanLogProbability } from "../../scores/index.js";

type Float = Tensor<"float32">;

export const vaeScores = [
  "negativeElbo",
  "reconstructionProbability",
  "logMeanProbability",
  "reconstructionError",
] as const;

export type VaeScore = (typeof vaeScores)[number];

/** What fitting a VAE learned: plain data. */
export interface VaeState {
  readonly shape: VaeShape;
  readonly parameters: Vae<{ readonly shape: readonly number[]; readonly data: Float32Array }>;
  /** Fixed noise of the Monte-Carlo scores, [samples, latent]. */
  readonly noise: Float32Array;
}

/** Prepared values beyond this (in deviations) are cut: single precision would overflow. */
const INPUT_LIMIT = 1e6;

function asConstants(parameters: VaeState["parameters"]): Vae<Float> {
  const layer = ({ weight, bias }: { weight: NamedArray; bias: NamedArray }) => ({
    weight: constant(weight.data, weight.shape),
    bias: constant(bias.data, bias.shape),
  });
  const { encoder, decoder } = parameters;
  return {
    encoder: {
      hidden: encoder.hidden.map(layer),
      mean: layer(encoder.mean),
      logVariance: layer(encoder.logVariance),
    },
    decoder: {
      hidden: decoder.hidden.map(layer),
      location: layer(decoder.location),
      ...(decoder.deviation && { deviation: layer(decoder.deviation) }),
    },
  };
}

interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Scores of a fitted VAE, all in nats but the reconstruction error, with L stored noise samples
 * z_l = μ(x) + σ(x) ε_l:
 * - `reconstruction_probability`: -(1/L) Σ log p(x | z_l) (An & Cho 2015), which is the distortion;
 * - `log_mean_probability`: -log (1/L) Σ p(x | z_l), never above the former;
 * - `rate`: KL(q(z | x) ‖ p(z));
 * - `negative_elbo`: distortion + rate, an upper bound of -log p(x);
 * - `reconstruction_error`: Σ (x - x̂)², x̂ decoded from the posterior mean.
 */
export function vaeGraph(input: Float, state: VaeState, score: VaeScore): ScoreGraph {
  const { shape } = state;
  const x = clip(asMatrix(input), -INPUT_LIMIT, INPUT_LIMIT);
  const vae = asConstants(state.parameters);
  const posterior = encode(vae, shape, x);
  const samples = state.noise.length / shape.latent;
  const z = reparameterize(
    { mean: expandDims(posterior.mean, 1), logVariance: expandDims(posterior.logVariance, 1) },
    constant(state.noise, [1, samples, shape.latent]),
  );
  const perFeature = decode(vae, shape, z).logProbability(expandDims(x, 1));
  const perSample = sum(perFeature, { axis: -1 });
  const distortion = neg(meanLogProbability(perSample));
  const rate = gaussianKl(posterior.mean, posterior.logVariance);
  const reconstruction = decode(vae, shape, posterior.mean).mean;
  const error = square(sub(x, reconstruction));
  const scores: Record<VaeScore, Float> = {
    negativeElbo: sub(distortion, neg(rate)),
    reconstructionProbability: distortion,
    logMeanProbability: neg(logMeanProbability(perSample)),
    reconstructionError: sum(error, { axis: -1 }),
  };
  return {
    score: scores[score],
    contributions: score === "reconstructionError" ? error : neg(average(perFeature, { axis: 1 })),
    reconstruction: reshape(reconstruction, input.shape),
    elementsPerRow: samples * Math.max(shape.width, ...shape.hidden),
    outputs: {
      negative_elbo: scores.negativeElbo,
      reconstruction_probability: scores.reconstructionProbability,
      log_mean_probability: scores.logMeanProbability,
      reconstruction_error: scores.reconstructionError,
      rate,
    },
  };
}
