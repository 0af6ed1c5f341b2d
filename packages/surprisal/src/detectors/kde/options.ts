import { z } from "zod";

/** Options of the bandwidth, shared by the kernel density estimates. */
export const bandwidthOptions = {
  bandwidth: z
    .union([z.number().positive(), z.enum(["scott", "silverman", "crossValidated"])])
    .default("scott")
    .describe(
      "Width of a kernel, in units of the scaled columns: a number, a rule, or the one of largest held-out likelihood.",
    ),
  bandwidths: z
    .array(z.number().positive())
    .min(1)
    .optional()
    .describe(
      "Bandwidths that cross-validation tries. Default: 25 from 0.03 to 3.2, evenly in the logarithm.",
    ),
  folds: z.int().min(2).max(100).default(5).describe("Parts of the rows in cross-validation."),
  validationRows: z
    .int()
    .min(10)
    .default(2000)
    .describe("Rows that cross-validation uses at most, drawn at random."),
};
