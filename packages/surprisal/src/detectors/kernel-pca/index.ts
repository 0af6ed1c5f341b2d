import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { fitKernelPca, type KernelPca } from "./fit.js";
import { kernelPcaGraph } from "./graph.js";

/**
 * Kernel PCA: how far a row's image under a Gaussian kernel is from the subspace that the training
 * rows' images span (Hoffmann 2007).
 */
export const kernelPca = defineDetector({
  name: "kernel-pca",
  title: "Kernel principal components",
  summary: "Reconstruction error in the feature space of a Gaussian kernel; curved normal data.",
  version: 1,
  options: z.object({
    components: z
      .union([z.int().min(1), z.number().gt(0).lt(1)])
      .optional()
      .describe(
        "Components kept, by falling variance: a number, or the share of the variance they explain. Default: all.",
      ),
    gamma: z
      .number()
      .positive()
      .optional()
      .describe("The kernel is exp(-gamma |x - y|²). Default: 1 / the number of features."),
    sampleSize: z
      .int()
      .min(1)
      .default(1000)
      .describe("Rows drawn to fit on; all rows where there are fewer. The kernel matrix is its square."),
  }),
  // Distances add columns up: they need one unit, for which the default of gamma is meant too.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, { components, gamma, sampleSize }, { seed }) => {
    const state: KernelPca = fitKernelPca(data as Float64Array, columns, {
      ...(components !== undefined && { components }),
      ...(gamma !== undefined && { gamma }),
      sampleSize,
      seed,
    });
    const rows = state.centred.length / columns;
    return { state, summary: { rows, components: state.offsets.length, gamma: state.gamma } };
  },
  graph: (x, state: KernelPca) => ({
    score: kernelPcaGraph(asMatrix(x as never), state),
    elementsPerRow: state.centred.length / state.mean.length,
  }),
});
