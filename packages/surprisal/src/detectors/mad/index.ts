import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { fitMad, type MedianDeviations } from "./fit.js";
import { madGraph } from "./graph.js";

/**
 * How many median absolute deviations a row's values are from their columns' medians (Iglewicz &
 * Hoaglin 1993): the largest of them, or their sum. No randomness.
 */
export const mad = defineDetector({
  name: "mad",
  title: "Median absolute deviation",
  summary: "Robust z-scores of the columns, their largest or their sum; the simplest, explains itself.",
  version: 1,
  options: z.object({
    aggregate: z
      .enum(["max", "sum"])
      .default("max")
      .describe("The score is the largest deviation of a row's columns, or the sum of all."),
  }),
  // Every column is measured in its own deviations already.
  prepare: () => ({ scaling: "none", dtype: "float64" }),
  fit: async ({ data, width: columns }) => {
    const state: MedianDeviations = fitMad(data as Float64Array, columns);
    return { state };
  },
  graph: (x, state: MedianDeviations, { aggregate }) => {
    const { score, deviations } = madGraph(asMatrix(x as never), state, aggregate);
    // The largest is not a sum of parts: the deviations are an output of their own then.
    return aggregate === "sum"
      ? { score, contributions: deviations }
      : { score, outputs: { deviation: deviations } };
  },
});
