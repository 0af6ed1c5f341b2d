import { div, maximum, sqrt, square, sub, sum, type Tensor } from "@surprisal/engine";
import { z } from "zod";
import {
  largestLayer,
  limited,
  networkFor,
  networkOptions,
  networkSummary,
  shapedAs,
  trainingOf,
  trainingOptions,
} from "../../deep/index.js";
import { type DeepGraph, type DeepModel, defineDeepDetector, type RowShape } from "../../detector/index.js";
import { SurprisalError } from "../../errors.js";
import { corruptionKinds } from "./corruption.js";
import {
  type Autoencoder,
  type AutoencoderShape,
  autoencoderTraining,
  encode,
  reconstruct,
} from "./model.js";

type Float = Tensor<"float32">;

const autoencoderOptions = z.object({
  ...networkOptions,
  loss: z
    .enum(["squaredError", "bernoulli"])
    .optional()
    .describe(
      "What training minimises: squared error, or the cross-entropy of values in [0, 1]. Default: squaredError for tables, bernoulli for images.",
    ),
  output: z
    .enum(["linear", "sigmoid"])
    .optional()
    .describe(
      "What the decoder ends in, for squaredError: linear, or sigmoid, for rows scaled to [0, 1]. Default: linear; bernoulli always has a sigmoid.",
    ),
  codeNoise: z
    .enum(["none", "learned"])
    .default("none")
    .describe(
      "Noise of the code in training: none, or learned, z = mu + s * noise with a second head s of the encoder, as published for CLAD.",
    ),
  noise: z
    .enum(corruptionKinds)
    .default("none")
    .describe("Denoising: what is done to the rows the network sees in training, never in scoring."),
  noiseLevel: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("Deviation of gaussian noise, in prepared units; else the part of the values changed."),
  sparsity: z
    .enum(["none", "l1", "kl"])
    .default("none")
    .describe("Sparse code: penalty Σ|z|, or the divergence of mean activations from a target."),
  sparsityWeight: z.number().min(0).default(0.01).describe("Weight of the sparsity penalty."),
  sparsityTarget: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.05)
    .describe("Wanted mean activation of the code, for the penalty kl."),
  score: z
    .enum(["squaredError", "l2"])
    .default("squaredError")
    .describe("Which of its scores decides; both are outputs of the file and rank alike."),
  ...trainingOptions,
});

type AutoencoderOptions = z.output<typeof autoencoderOptions>;

function lossOf({ loss }: AutoencoderOptions, kind: "table" | "array"): AutoencoderShape["loss"] {
  return loss ?? (kind === "array" ? "bernoulli" : "squaredError");
}

function outputOf(options: AutoencoderOptions, kind: "table" | "array"): AutoencoderShape["output"] {
  return lossOf(options, kind) === "bernoulli" ? "sigmoid" : (options.output ?? "linear");
}

/** Divisors below this are taken for it: the error of a perfect reconstruction has no parts. */
const LEAST_ERROR = 1e-12;

function autoencoderGraph(
  rows: Float,
  parameters: Autoencoder<Float>,
  shape: AutoencoderShape,
  score: AutoencoderOptions["score"],
): DeepGraph {
  const { network } = shape;
  const x = limited(rows);
  const reconstruction = reconstruct(parameters, shape, x);
  const terms = square(sub(x, reconstruction));
  const squared = sum(terms, { axis: -1 });
  const norm = sqrt(squared);
  return {
    scores: { reconstruction_error: squared, l2_error: norm },
    likelihoods: [],
    code: encode(parameters, shape, x),
    contributions:
      score === "l2"
        ? div(terms, maximum(sqrt(sum(terms, { axis: -1, keepDims: true })), LEAST_ERROR))
        : terms,
    reconstruction: shapedAs(rows, reconstruction),
    elementsPerRow: Math.max(
      largestLayer(network.encoder, network.width),
      largestLayer(network.decoder, network.width),
    ),
  };
}

function autoencoderModel(row: RowShape, options: AutoencoderOptions): DeepModel<Autoencoder<Float>> {
  const network = networkFor("autoencoder", row, options);
  if (options.noise === "dropout" && options.noiseLevel >= 1) {
    throw new SurprisalError(
      `autoencoder: option "noiseLevel" is ${options.noiseLevel}, but dropout must keep a part of the values; give less than 1`,
    );
  }
  const kind = row.columns.length > 0 ? "table" : "array";
  const shape: AutoencoderShape = {
    network,
    loss: lossOf(options, kind),
    output: outputOf(options, kind),
    codeNoise: options.codeNoise,
    corruption: { kind: options.noise, level: options.noiseLevel },
    sparsity: options.sparsity,
    sparsityWeight: options.sparsityWeight,
    sparsityTarget: options.sparsityTarget,
  };
  return {
    ...autoencoderTraining(shape),
    stackable: network.encoder.kind === "dense",
    training: trainingOf(options),
    scoringNoise: {},
    graph: (x, parameters) => autoencoderGraph(x, parameters, shape, options.score),
    score: options.score === "l2" ? "l2_error" : "reconstruction_error",
    summary: { ...networkSummary(network), loss: shape.loss },
  };
}

/**
 * Autoencoder: rows are squeezed through a short code and restored; those that are restored badly are
 * anomalous (Hinton & Salakhutdinov 2006; denoising, Vincent et al. 2010).
 */
export const autoencoder = defineDeepDetector({
  name: "autoencoder",
  title: "Autoencoder",
  summary: "Squeezes rows through a short code; those restored badly are anomalous. Tables and images.",
  version: 1,
  options: autoencoderOptions,
  prepare: (options, kind) =>
    outputOf(options, kind) === "sigmoid"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  model: autoencoderModel,
});
