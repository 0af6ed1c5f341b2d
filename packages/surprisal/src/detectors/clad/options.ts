import { z } from "zod";
import {
  type ClassifierConfidenceOptions,
  classifierConfidenceOptions,
} from "../classifier-confidence/options.js";
import { clusteringOptions } from "../dec/options.js";

const confidence = classifierConfidenceOptions.shape;

export const cladOptions = z.object({
  ...clusteringOptions,
  body: clusteringOptions.body.describe(
    "Layers of the autoencoder, as of the VAE. Default: clad for images whose sides are multiples of 4 from 8 on, else dense.",
  ),
  network: confidence.network.describe(
    "The classifier of the clusters. Default: cnn for images of 8 × 8 pixels or more, else perceptron.",
  ),
  width: confidence.width,
  stem: confidence.stem,
  classifierHidden: confidence.hidden,
  classifierEpochs: z
    .int()
    .min(1)
    .optional()
    .describe(
      "Passes over the training rows of the classifier. Default: as many as make about 3,000 steps, 10 to 300.",
    ),
  classifierBatchSize: z.int().min(2).default(128).describe("Rows of a training step of the classifier."),
  classifierLearningRate: z
    .number()
    .positive()
    .max(1)
    .default(1e-3)
    .describe("Adam's learning rate of the classifier; published 0.0001."),
  score: confidence.score,
  temperature: confidence.temperature,
  epsilon: confidence.epsilon,
  energyTemperature: confidence.energyTemperature,
  validation: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.1)
    .describe("Part of the training rows that the classifier does not see, to choose epsilon by."),
  keepClusters: z
    .boolean()
    .default(false)
    .describe(
      "Keeps the encoder and the centres of the clusters in the file too, whose outputs code and assignment (the part of a row in each cluster) they give.",
    ),
});

export type CladOptions = z.output<typeof cladOptions>;

/** The options of the classifier and of its scores. */
export function classifierOptions(options: CladOptions): ClassifierConfidenceOptions {
  const { network, width, stem, score, temperature, epsilon, energyTemperature, validation } = options;
  return {
    network,
    width,
    stem,
    hidden: options.classifierHidden,
    score,
    temperature,
    epsilon,
    energyTemperature,
    epochs: options.classifierEpochs,
    steps: undefined,
    batchSize: options.classifierBatchSize,
    learningRate: options.classifierLearningRate,
    schedule: "constant",
    patience: 0,
    validation,
  };
}
