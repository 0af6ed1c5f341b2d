import { z } from "zod";
import { kMeans, kMeansOptions } from "../../clustering/index.js";
import { defineDetector } from "../../detector/index.js";
import { pointSet } from "../../neighbours/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type Cblof, cblofGraph } from "./graph.js";
import { largeClusters } from "./large-clusters.js";

/**
 * Cluster-based local outlier factor (He, Xu & Deng 2003): distance from the nearest large cluster
 * of a k-means clustering.
 */
export const cblof = defineDetector({
  name: "cblof",
  title: "Cluster-based local outlier factor",
  summary: "Distance from the nearest large k-means cluster; rows of small clusters are anomalous.",
  version: 1,
  options: z.object({
    ...kMeansOptions,
    alpha: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.9)
      .describe("Part of the training rows that the large clusters hold."),
    beta: z
      .number()
      .gt(1)
      .default(5)
      .describe("How many times larger the smallest large cluster is than the largest small one."),
    useWeights: z
      .boolean()
      .default(false)
      .describe("Multiply the distance by the number of training rows of the row's own cluster."),
  }),
  // Double precision, from which the search takes its own centre: large offsets lose no digits.
  prepare: (_, kind) => ({ scaling: "standard", dtype: kind === "table" ? "float64" : "float32" }),
  fit: async ({ data, width: columns }, options, { seed, signal }) => {
    const set = pointSet(data, columns);
    const { centers, sizes, iterations } = await kMeans(set.points, columns, { ...options, seed, signal });
    const large = largeClusters(sizes, options);
    const state: Cblof = {
      centers: { ...set, points: Float32Array.from(centers), count: sizes.length },
      sizes,
      large,
    };
    return { state, summary: { clusters: sizes.length, largeClusters: large.length, iterations } };
  },
  graph: (x, state: Cblof, { useWeights }) => cblofGraph(asMatrix(x as never), state, useWeights),
});
