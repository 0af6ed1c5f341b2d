import { z } from "zod";
import { kMeans, kMeansOptions } from "../../clustering/index.js";
import { defineDetector } from "../../detector/index.js";
import { type PointSet, pointSet } from "../../neighbours/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { centerDistances } from "./graph.js";

/** Distance from the nearest centre of a k-means clustering of the training rows. */
export const kmeansDistance = defineDetector({
  name: "kmeans-distance",
  title: "Distance from k-means centres",
  summary: "Distance from the nearest of k centres; small files, fast, for round clusters.",
  version: 1,
  options: z.object(kMeansOptions),
  // Double precision, from which the search takes its own centre: large offsets lose no digits.
  prepare: (_, kind) => ({ scaling: "standard", dtype: kind === "table" ? "float64" : "float32" }),
  fit: async ({ data, width: columns }, options, { seed, signal }) => {
    const set = pointSet(data, columns);
    const { centers, sizes, inertia, iterations } = await kMeans(set.points, columns, {
      ...options,
      seed,
      signal,
    });
    const state: PointSet = { ...set, points: Float32Array.from(centers), count: sizes.length };
    return {
      state,
      summary: { clusters: sizes.length, iterations, inertia: inertia / set.scale / set.scale },
    };
  },
  graph: (x, state: PointSet) => {
    const { distance, elementsPerRow } = centerDistances(asMatrix(x as never), state);
    return { score: distance, elementsPerRow };
  },
});
