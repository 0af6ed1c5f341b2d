import { z } from "zod";
import { networkOptions } from "../../deep/index.js";

/** Options of an autoencoder and of clustering its codes. */
export const clusteringOptions = {
  ...networkOptions,
  codeNoise: z
    .enum(["none", "learned"])
    .default("none")
    .describe(
      "Noise of the codes in training: none, or learned, z = mu + s * noise with a second head s of the encoder and no penalty, as published for CLAD.",
    ),
  inputDropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.1)
    .describe("Part of the values that pretraining sets to 0 in what the encoder sees."),
  pretrainingEpochs: z
    .int()
    .min(1)
    .optional()
    .describe(
      "Passes over the training rows of the autoencoder. Default: as many as make about 3,000 steps, 10 to 300.",
    ),
  pretrainingLearningRate: z
    .number()
    .positive()
    .max(1)
    .default(1e-3)
    .describe("Adam's learning rate of the autoencoder."),
  batchSize: z
    .int()
    .min(2)
    .default(256)
    .describe("Rows of a training step of the autoencoder and of the clustering."),
  clusters: z.int().min(2).max(1000).default(10).describe("Number of clusters k."),
  starts: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Runs of k-means for the first centres, of which the tightest counts. Default: 20, or h if more.",
    ),
  clusteringEpochs: z
    .int()
    .min(0)
    .default(100)
    .describe("Most passes over the training rows of the clustering; 0 leaves the clusters of k-means."),
  clusteringLearningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe("Learning rate of the clustering's gradient descent, whose momentum is 0.9."),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(1e-3)
    .describe("The clustering ends when an epoch changes the clusters of less than this part of the rows."),
  target: z
    .enum(["fullData", "batch"])
    .default("fullData")
    .describe(
      "Rows that the target distribution counts: all, before each epoch, or those of the batch, as published for CLAD.",
    ),
  clusteringCode: z
    .enum(["mean", "sampled"])
    .default("mean")
    .describe("With learned noise: whether the clustering trains on mean codes, or on samples as published."),
};

const schema = z.object(clusteringOptions);

export type ClusteringOptions = z.output<typeof schema>;

export const decOptions = z.object({
  ...clusteringOptions,
  score: z
    .enum(["distance", "assignment"])
    .default("distance")
    .describe("Which of its scores decides: distance of the nearest centre, or doubt about the cluster."),
});

export type DecOptions = z.output<typeof decOptions>;
