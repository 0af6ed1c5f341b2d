import { z } from "zod";
import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type Ellipsoid, fitMahalanobis } from "./fit.js";
import { ellipsoidGraph } from "./graph.js";

/**
 * The squared Mahalanobis distance from the mean of the training rows, by their covariance: what a
 * single Gaussian thinks of a row (Mahalanobis 1936).
 */
export const mahalanobis = defineDetector({
  name: "mahalanobis",
  title: "Mahalanobis distance",
  summary: "Squared distance from the mean in units of the covariance; one Gaussian, explains itself.",
  version: 1,
  options: z.object({
    shrinkage: z
      .enum(["none", "ledoitWolf"])
      .default("none")
      .describe(
        "Mix the covariance with a multiple of the identity, as much as Ledoit & Wolf derive: for few rows and many columns.",
      ),
    outsideSpan: z
      .enum(["count", "ignore"])
      .default("count")
      .describe(
        "Rows that break a linear relation which all training rows keep: score enormously (count), or as if the relation were kept (ignore, the pseudo-inverse).",
      ),
  }),
  // The distance itself is free of units; shrinkage is not.
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, options) => {
    const { rank, shrinkage, ...state } = await fitMahalanobis(data as Float64Array, columns, options);
    return { state: { ...state, rank } satisfies Ellipsoid as Ellipsoid, summary: { rank, shrinkage } };
  },
  graph: (x, state: Ellipsoid) => ellipsoidGraph(asMatrix(x as never), state),
});
