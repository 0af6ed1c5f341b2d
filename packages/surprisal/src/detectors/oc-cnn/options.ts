import { z } from "zod";
import { featureOptions } from "../hybrid/features.js";

export const ocCnnOptions = z.object({
  ...featureOptions,
  deviation: z
    .number()
    .positive()
    .max(10)
    .default(0.01)
    .describe("Standard deviation of the made-up rows of the second class, around 0."),
  steps: z.int().min(1).default(1000).describe("Training steps."),
  batchSize: z.int().min(1).default(64).describe("Rows of a training step, with as many made-up ones."),
  learningRate: z.number().positive().max(1).default(1e-4).describe("Adam's learning rate."),
});

export type OcCnnOptions = z.output<typeof ocCnnOptions>;
