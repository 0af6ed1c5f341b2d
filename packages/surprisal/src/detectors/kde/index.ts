import { randomStream } from "@surprisal/engine";
import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { requireRows } from "../mahalanobis/fit.js";
import { chooseBandwidth, defaultBandwidths } from "./bandwidth.js";
import { type KernelDensity, kernelDensityGraph } from "./graph.js";
import { kernels } from "./kernel.js";
import { bandwidthOptions } from "./options.js";

/**
 * Kernel density estimate: -log of the mean of a kernel on every training row (Rosenblatt 1956,
 * Parzen 1962), with scikit-learn's kernels.
 */
export const kde = defineDetector({
  name: "kde",
  title: "Kernel density estimate",
  summary: "-log of a density made of a kernel on every training row; any shape, few columns.",
  version: 1,
  options: z.object({
    kernel: z
      .enum(kernels)
      .default("gaussian")
      .describe("Shape of a kernel. All but gaussian and exponential are 0 from one bandwidth on."),
    ...bandwidthOptions,
  }),
  // One bandwidth for all columns, and the rules for it, presume columns of one scale.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, { kernel, ...options }, { seed }) => {
    const rows = data as Float64Array;
    requireRows("kde", rows, columns);
    const search = {
      bandwidths: options.bandwidths ?? defaultBandwidths,
      folds: options.folds,
      mostRows: options.validationRows,
    };
    const stream = randomStream(seed, "kde/folds");
    const bandwidth = chooseBandwidth(options.bandwidth, rows, columns, kernel, search, stream);
    const state: KernelDensity = { kernel, bandwidth, rows, columns };
    return { state, summary: { bandwidth } };
  },
  graph: (x, state: KernelDensity) => kernelDensityGraph(asMatrix(x as never), state),
});
