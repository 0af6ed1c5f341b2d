import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type ExtendedIsolationForest, fitExtendedIsolationForest } from "./fit.js";
import { extendedIsolationForestGraph } from "./graph.js";

/**
 * Extended isolation forest: rows that few random hyperplanes separate from the others are anomalous
 * (Hariri, Carrasco Kind & Brunner 2019). Scores lie in (0, 1).
 */
export const extendedIsolationForest = defineDetector({
  name: "extended-isolation-forest",
  title: "Extended isolation forest",
  summary: "Isolation by random hyperplanes instead of single columns: no ghost regions beside clusters.",
  version: 1,
  options: z.object({
    trees: z.int().min(1).max(100_000).default(100).describe("Number of trees."),
    sampleSize: z
      .int()
      .min(2)
      .default(256)
      .describe("Rows drawn for each tree; all rows where there are fewer."),
    extensionLevel: z
      .int()
      .min(0)
      .optional()
      .describe(
        "Columns that a hyperplane mixes, less 1: 0 splits single columns as isolation forest. Default: all columns.",
      ),
  }),
  // A hyperplane adds columns up: they need one unit.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, { trees, sampleSize, extensionLevel }, { seed }) => {
    const state: ExtendedIsolationForest = fitExtendedIsolationForest(data as Float64Array, columns, {
      trees,
      sampleSize,
      ...(extensionLevel !== undefined && { extensionLevel }),
      seed,
    });
    const planes = state.trees.reduce((total, tree) => total + tree.offsets.length, 0);
    return { state, summary: { trees, hyperplanes: planes } };
  },
  graph: (x, state: ExtendedIsolationForest) => extendedIsolationForestGraph(asMatrix(x as never), state),
});
