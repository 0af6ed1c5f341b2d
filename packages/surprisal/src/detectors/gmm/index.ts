import { randomStream } from "@surprisal/engine";
import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { fitGmm } from "./fit.js";
import { mixtureGraph } from "./graph.js";
import { covarianceTypes, type Mixture } from "./mixture.js";

/** Gaussian mixture: -log of the density of a few Gaussians, fitted by expectation maximisation. */
export const gmm = defineDetector({
  name: "gmm",
  title: "Gaussian mixture",
  summary: "-log density of a mixture of Gaussians; clusters of any ellipsoidal shape.",
  version: 1,
  options: z.object({
    components: z
      .union([z.int().min(1).max(1000), z.literal("bic")])
      .default(1)
      .describe(
        'Number of Gaussians, or "bic": of those up to maxComponents the one of least Bayesian information criterion.',
      ),
    maxComponents: z.int().min(1).max(1000).default(10).describe('Most Gaussians that "bic" tries.'),
    covariance: z
      .enum(covarianceTypes)
      .default("full")
      .describe(
        "Each Gaussian has a covariance matrix (full), all have the same (tied), or each has variances of the columns (diagonal), or one variance (spherical).",
      ),
    initialization: z
      .enum(["kMeans", "kMeans++"])
      .default("kMeans")
      .describe("Where the Gaussians begin: at k-means clusters, or around rows drawn far from each other."),
    starts: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe("Runs from other beginnings, of which the likeliest counts."),
    regularization: z
      .number()
      .min(0)
      .default(1e-6)
      .describe("Added to all variances, in units of the scaled columns."),
    tolerance: z
      .number()
      .positive()
      .default(1e-3)
      .describe("Ends when the mean log density of a row changes by less than this, in nats."),
    maxIterations: z.int().min(1).max(100_000).default(100).describe("Most iterations of a run."),
  }),
  // Regularisation and k-means presume columns of one scale.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, options, { seed, signal }) => {
    const pause = async () => {
      // The iterations run in this thread: without a pause an abort could not be heard.
      await new Promise<void>((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    };
    const rows = data as Float64Array;
    const stream = randomStream(seed, "gmm");
    const { mixture, iterations, isConverged } = await fitGmm(rows, columns, { ...options, pause }, stream);
    const summary = {
      components: mixture.means.length,
      iterations,
      converged: isConverged ? "yes" : "no",
    };
    return { state: mixture, summary };
  },
  graph: (x, state: Mixture) => mixtureGraph(asMatrix(x as never), state),
});
