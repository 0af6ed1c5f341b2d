import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { fitInne, type Inne } from "./fit.js";
import { inneGraph } from "./graph.js";

/**
 * Isolation by nearest-neighbour ensembles (Bandaragoda et al. 2018): rows that no small sphere
 * around a few drawn rows covers are anomalous. Scores lie in [0, 1].
 */
export const inne = defineDetector({
  name: "inne",
  title: "Isolation by nearest-neighbour ensembles",
  summary: "Spheres around small random samples isolate anomalies; linear time, local, small files.",
  version: 1,
  options: z.object({
    sets: z.int().min(1).max(10_000).default(200).describe("Number of sets of spheres."),
    sampleSize: z
      .int()
      .min(2)
      .max(4096)
      .default(8)
      .describe("Rows drawn for each set, the centres of its spheres; all rows where there are fewer."),
  }),
  // Double precision, in which distances of rows from spheres keep their digits.
  prepare: (_, kind) => ({ scaling: "standard", dtype: kind === "table" ? "float64" : "float32" }),
  fit: async ({ data, width: columns }, options, { seed }) => {
    const state: Inne = fitInne(data, columns, { ...options, seed });
    return { state, summary: { sets: state.sets, sampleSize: state.sampleSize } };
  },
  graph: (x, state: Inne) => inneGraph(asMatrix(x as never), state),
});
