import {
  adam,
  add,
  linearWarmUp,
  mean,
  mul,
  neg,
  randomStream,
  type Schedule,
  sum,
  type Tensor,
  train,
} from "@surprisal/engine";
import { z } from "zod";
import { defineDetector, type FitContext, type PreparedData } from "../../detector/index.js";
import { SurprisalError } from "../../errors.js";
import {
  activations,
  type DecoderDistribution,
  decode,
  encode,
  reparameterize,
  type VaeShape,
  vaeParameters,
} from "../../networks/index.js";
import { gaussianKl } from "../../scores/index.js";
import { type VaeState, vaeGraph, vaeScores } from "./graph.js";

type Float = Tensor<"float32">;

const vaeOptions = z.object({
  latent: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe("Size of the code z. Default: 20 for 100 or more features, else half of the features, 2 to 8."),
  hidden: z
    .array(z.int().min(1).max(65_536))
    .optional()
    .describe(
      "Widths of the encoder's hidden layers; the decoder mirrors them. Default: 400 for 100 or more features, else 64.",
    ),
  decoder: z
    .enum(["gaussian", "bernoulli"])
    .optional()
    .describe("Distribution of x given z. Default: gaussian for tables, bernoulli (x in [0, 1]) for images."),
  activation: z.enum(activations).default("relu").describe("Activation of the hidden layers."),
  score: z
    .enum(vaeScores)
    .default("negativeElbo")
    .describe("Which of its scores decides; all of them are outputs of the file."),
  samples: z
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .describe("Monte-Carlo samples of z in scoring, with noise stored in the file."),
  epochs: z
    .int()
    .min(1)
    .optional()
    .describe("Passes over the training rows. Default: as many as make about 3,000 steps, 10 to 300."),
  batchSize: z.int().min(1).default(128).describe("Rows of a training step."),
  learningRate: z.number().positive().max(1).default(1e-3).describe("Adam's learning rate."),
  klWeight: z.number().min(0).default(1).describe("Weight of the KL term in training (β)."),
  klWarmUp: z.int().min(0).default(0).describe("Epochs over which the KL weight rises from 0."),
  minDeviation: z
    .number()
    .positive()
    .default(0.1)
    .describe("Smallest standard deviation of the Gaussian decoder, in scaled units."),
  patience: z
    .int()
    .min(0)
    .default(0)
    .describe(
      "Stop after so many epochs without a lower held-out loss, and keep the best; 0 trains to the end.",
    ),
  validation: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe("Part of the training rows held out to watch the loss, when patience is set."),
});

type VaeOptions = z.output<typeof vaeOptions>;

function decoderOf(options: VaeOptions, kind: "table" | "array"): DecoderDistribution {
  return options.decoder ?? (kind === "array" ? "bernoulli" : "gaussian");
}

function shapeOf(options: VaeOptions, width: number, kind: "table" | "array"): VaeShape {
  const isWide = width >= 100;
  return {
    width,
    hidden: options.hidden ?? [isWide ? 400 : 64],
    latent: options.latent ?? (isWide ? 20 : Math.max(2, Math.min(8, Math.ceil(width / 2)))),
    activation: options.activation,
    decoder: decoderOf(options, kind),
    minDeviation: options.minDeviation,
  };
}

function rowsOf(
  data: Float32Array,
  width: number,
  indices: Uint32Array,
): { data: Float32Array; shape: number[] } {
  const taken = new Float32Array(indices.length * width);
  indices.forEach((row, i) => {
    taken.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: taken, shape: [indices.length, width] };
}

async function fitVae(prepared: PreparedData, options: VaeOptions, context: FitContext) {
  const [rowCount = 0, ...rest] = prepared.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const kind = rest.length === 1 ? "table" : "array";
  const shape = shapeOf(options, width, kind);
  const data = prepared.data as Float32Array;

  const order = randomStream(context.seed, "validation").permutation(rowCount);
  const watched = options.patience > 0 ? Math.floor(rowCount * options.validation) : 0;
  if (options.patience > 0 && watched === 0) {
    throw new SurprisalError(
      `vae: option "patience" needs validation rows, but ${rowCount} rows leave none; raise "validation"`,
    );
  }
  const learning = rowsOf(data, width, order.subarray(watched));
  const steps = Math.ceil(learning.shape[0]! / options.batchSize);
  const epochs = options.epochs ?? Math.max(10, Math.min(300, Math.ceil(3000 / steps)));

  const result = await train(
    {
      parameters: vaeParameters(shape, randomStream(context.seed, "parameters")),
      data: { x: learning },
      ...(watched > 0 && { validation: { x: rowsOf(data, width, order.subarray(0, watched)) } }),
      noise: { epsilon: { shape: [shape.latent], distribution: "normal" } },
      scalars: { klWeight: warmUp(options.klWeight, options.klWarmUp * steps) },
      loss: ({ parameters, batch, noise, scalars }) => {
        const x = batch.x as Float;
        const posterior = encode(parameters, shape, x);
        const { logProbability } = decode(
          parameters,
          shape,
          reparameterize(posterior, noise.epsilon as Float),
        );
        const distortion = mean(neg(sum(logProbability(x), { axis: -1 })));
        const rate = mean(gaussianKl(posterior.mean, posterior.logVariance));
        const loss = add(distortion, mul(rate, scalars.klWeight as Float));
        return { loss, metrics: { reconstruction: distortion, kl: rate } };
      },
    },
    {
      optimizer: adam({ learningRate: options.learningRate }),
      batchSize: Math.min(options.batchSize, learning.shape[0]!),
      epochs,
      seed: context.seed,
      ...(context.signal && { signal: context.signal }),
      ...(options.patience > 0 && { earlyStopping: { patience: options.patience, restoreBest: true } }),
      onProgress: ({ step, steps: total, epoch, epochs, loss, samplesPerSecond, secondsLeft }) =>
        context.onProgress({
          fraction: step / total,
          epoch,
          epochs,
          loss,
          rowsPerSecond: samplesPerSecond,
          secondsLeft,
        }),
    },
  );
  const noise = new Float32Array(options.samples * shape.latent);
  randomStream(context.seed, "score").fillNormal(noise);
  const state: VaeState = { shape, parameters: result.parameters, noise };
  return {
    state,
    history: result.history,
    summary: { ...summaryOf(shape), steps: result.steps, skippedSteps: result.skippedSteps },
  };
}

function warmUp(weight: number, steps: number): Schedule {
  return steps > 0 ? linearWarmUp(weight, { steps }) : weight;
}

function summaryOf(shape: VaeShape): Record<string, number | string> {
  return { ...shape, hidden: shape.hidden.join("-") };
}

/**
 * Variational autoencoder of fully connected layers, scored by its negative ELBO or by the
 * reconstruction probability (Kingma & Welling 2014; An & Cho 2015).
 */
export const vae = defineDetector({
  name: "vae",
  title: "Variational autoencoder",
  summary:
    "Learns to describe rows by a short code; rows it describes badly are anomalous. Tables and images.",
  version: 1,
  options: vaeOptions,
  prepare: (options, kind) =>
    decoderOf(options, kind) === "bernoulli"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  fit: fitVae,
  graph: (x, state: VaeState, { score }) => vaeGraph(x as Float, state, score),
});
