import { z } from "zod";
import { featureOptions } from "../hybrid/features.js";

export const ocNnOptions = z.object({
  ...featureOptions,
  nu: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe("Share of the training rows with scores above 0; the price of a row is 1 / nu."),
  penalty: z
    .number()
    .min(0)
    .default(1)
    .describe("Weight of ½|w|² + ½|V|², 1 as published; less lets the boundary bend."),
  hidden: z.int().min(1).max(65_536).default(32).describe("Width of the hidden layer."),
  activation: z
    .enum(["sigmoid", "linear"])
    .default("sigmoid")
    .describe("The function g of the hidden layer."),
  epochs: z
    .int()
    .min(1)
    .optional()
    .describe("Passes over the rows. Default: as many as make about 3,000 steps, 10 to 300."),
  batchSize: z
    .int()
    .min(2)
    .default(256)
    .describe("Rows of a training step; r is the quantile of their scores."),
  learningRate: z.number().positive().max(1).default(1e-3).describe("Adam's learning rate."),
});

export type OcNnOptions = z.output<typeof ocNnOptions>;
