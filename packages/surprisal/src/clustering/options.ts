import { z } from "zod";

/** Options of detectors that cluster the training rows by k-means. */
export const kMeansOptions = {
  clusters: z.int().min(1).max(10_000).default(8).describe("Number of clusters k."),
  starts: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe("Clusterings from other first centres, of which the tightest counts."),
  maxIterations: z.int().min(1).max(100_000).default(300).describe("Most iterations of one clustering."),
  tolerance: z
    .number()
    .min(0)
    .default(1e-4)
    .describe("A clustering ends when its centres' squared moves sum to this part of a column's variance."),
};
