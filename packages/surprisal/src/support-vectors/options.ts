import { z } from "zod";
import { MOST_EXACT_ROWS } from "./boundary.js";

/** The options that detectors with a kernel boundary share. */
export const boundaryOptions = z.object({
  kernel: z.enum(["rbf", "linear"]).default("rbf").describe("exp(-gamma |x - y|²), or x · y."),
  gamma: z
    .union([z.enum(["scale", "auto"]), z.number().positive()])
    .default("scale")
    .describe(
      "Of the RBF kernel: a number, 1 / (columns · variance of all values) (scale), or 1 / columns (auto).",
    ),
  solver: z
    .enum(["auto", "exact", "nystroem"])
    .default("auto")
    .describe(
      `Sequential minimal optimisation (exact), or Nyström features and a linear solver (nystroem); auto takes exact up to ${MOST_EXACT_ROWS} training rows.`,
    ),
  components: z
    .int()
    .min(1)
    .max(5000)
    .default(300)
    .describe("Training rows that the Nyström features are taken from."),
  tolerance: z
    .number()
    .positive()
    .max(1)
    .default(1e-3)
    .describe("How far from the optimality conditions the solver may stop."),
});

/** Share of the training rows that may lie outside. */
export const nuOption = z
  .number()
  .positive()
  .max(1)
  .describe("At most this share of the training rows lies outside; at least this share are support vectors.");
