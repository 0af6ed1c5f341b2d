import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { fitPca, type PrincipalComponents } from "./fit.js";
import { pcaGraph } from "./graph.js";

/** Part of the variance that the components kept for a reconstruction explain (Shyu et al. 2003). */
const MAJOR_SHARE = 0.5;

/**
 * Principal components: how far a row is from the mean in units of each component's deviation, or
 * how badly the major ones reconstruct it (Shyu, Chen, Sarinnapakorn & Chang 2003). No randomness.
 */
export const pca = defineDetector({
  name: "pca",
  title: "Principal components",
  summary: "Distance along principal components weighted by their variance, or reconstruction error.",
  version: 1,
  options: z.object({
    score: z
      .enum(["weighted", "reconstruction", "eigenvectors"])
      .default("weighted")
      .describe(
        "weighted: squared places along the components over their variances; reconstruction: squared error of what the components explain; eigenvectors: PyOD's sum of distances.",
      ),
    components: z
      .union([z.int().min(1), z.number().gt(0).lt(1)])
      .optional()
      .describe(
        "Components kept, by falling variance: a number, or the share of the variance they explain. Default: all; for reconstruction 0.5.",
      ),
  }),
  // Components of raw columns would be those of the column in the smallest unit.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, { score, components }) => {
    const kept = components ?? (score === "reconstruction" ? MAJOR_SHARE : undefined);
    const state: PrincipalComponents = await fitPca(data as Float64Array, columns, kept);
    const explained = state.variances.reduce((a, b) => a + b, 0) / (state.total || 1);
    return { state, summary: { components: state.variances.length, explained } };
  },
  graph: (x, state: PrincipalComponents, { score }) => pcaGraph(asMatrix(x as never), state, score),
});
