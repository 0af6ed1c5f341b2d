import { z } from "zod";
import { trainingOptions } from "../../deep/index.js";

/** The scores by their option, with their names among the outputs of the file. */
export const scoreNames = {
  odin: "odin",
  maximumSoftmax: "maximum_softmax",
  energy: "energy",
  maximumLogit: "maximum_logit",
  mahalanobis: "mahalanobis",
} as const;

export type ClassifierScore = keyof typeof scoreNames;

export const classifierConfidenceOptions = z.object({
  score: z
    .enum(Object.keys(scoreNames) as [ClassifierScore, ...ClassifierScore[]])
    .optional()
    .describe("The score that decides; all are outputs. Default: odin for images, mahalanobis for tables."),
  network: z
    .enum(["linear", "perceptron", "cnn", "resnet18"])
    .optional()
    .describe("The classifier. Default: cnn for images of 8 × 8 pixels or more, else perceptron."),
  width: z
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .describe("Channels of the first convolution, of which later ones have multiples; ResNet-18's are 64."),
  stem: z
    .enum(["published", "small"])
    .default("published")
    .describe(
      "ResNet-18's first layers: published, which leave a quarter of the rows and columns, or small, which leave all and take 16 times the work.",
    ),
  hidden: z
    .array(z.int().min(1).max(65_536))
    .optional()
    .describe(
      "Perceptron: widths of the hidden layers. Default: 256, 64 for 100 or more features, else 64, 32.",
    ),
  temperature: z.number().min(1e-3).max(1e6).default(1000).describe("ODIN's temperature."),
  epsilon: z
    .union([z.number().min(0).max(1), z.literal("auto")])
    .default("auto")
    .describe(
      "ODIN's step: in pixels of [0, 1], deviations for tables; auto: the one of 0 to 0.01 at which held-out normal rows are told with most confidence.",
    ),
  energyTemperature: z.number().min(1e-3).max(1e6).default(1).describe("Temperature of the energy."),
  ...trainingOptions,
  batchSize: z.int().min(2).default(128).describe("Rows of a training step."),
  validation: trainingOptions.validation.describe(
    "Part of the training rows held out to choose epsilon, and as much again to watch the loss when patience is set.",
  ),
});

export type ClassifierConfidenceOptions = z.output<typeof classifierConfidenceOptions>;
