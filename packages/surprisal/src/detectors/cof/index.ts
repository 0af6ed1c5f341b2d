import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type Cof, fitCof } from "./fit.js";
import { cofGraph } from "./graph.js";

/**
 * Connectivity-based outlier factor: how much longer the links are that join a row to its
 * neighbours than those around the neighbours (Tang et al. 2002). About 1 for ordinary rows.
 */
export const cof = defineDetector({
  name: "cof",
  title: "Connectivity-based outlier factor",
  summary: "Length of the path that joins a row to its neighbours; for data along lines and sheets.",
  version: 1,
  options: z.object({
    neighbours: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe("Number k of nearest training rows; all others where there are fewer."),
  }),
  // Double precision, from which the search takes its own centre: large offsets lose no digits.
  prepare: (_, kind) => ({ scaling: "standard", dtype: kind === "table" ? "float64" : "float32" }),
  fit: async ({ data, width: columns }, { neighbours }, { signal, onProgress }) => {
    const progress = (fraction: number) => onProgress({ fraction });
    const state: Cof = await fitCof(data, columns, neighbours, { signal, onProgress: progress });
    return { state, summary: { rows: state.set.count, neighbours: state.neighbours } };
  },
  graph: (x, state: Cof) => cofGraph(asMatrix(x as never), state),
});
