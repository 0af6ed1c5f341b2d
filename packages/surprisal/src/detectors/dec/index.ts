import { max, min, neg, sqrt, type Tensor, type TrainedParameter } from "@surprisal/engine";
import { softAssignment, squaredCenterDistances } from "../../clustering/index.js";
import { largestLayer } from "../../deep/index.js";
import { defineMemberDetector, type RowShape } from "../../detector/index.js";
import { asConstants, untrained } from "../../networks/index.js";
import { type Clusters, codeShape, codesOf, encoderSize, fitClusters, initialEncoder } from "./fit.js";
import { type DecOptions, decOptions } from "./options.js";

type Float = Tensor<"float32">;

const NAME = "dec";

/** Widths of the published encoder, for wide rows. */
const publishedHidden = [500, 500, 2000];

/** The options with the published layers where none are named. */
function withPublishedLayers({ shape }: RowShape, options: DecOptions): DecOptions {
  const width = shape.reduce((a, b) => a * b, 1);
  const isWide = width >= 100;
  return {
    ...options,
    body: options.body ?? "dense",
    hidden: options.hidden ?? (isWide ? publishedHidden : [64]),
    latent: options.latent ?? (isWide ? 10 : undefined),
  };
}

/**
 * Deep embedded clustering (Xie, Girshick & Farhadi 2016): an autoencoder's codes and the centres of their
 * clusters learn together; rows whose codes are far from every centre are anomalous.
 */
export const dec = defineMemberDetector<typeof decOptions.shape, Clusters>({
  name: NAME,
  title: "Deep embedded clustering",
  summary:
    "Clusters the codes of an autoencoder; rows far from every cluster are anomalous. Tables and images.",
  version: 1,
  options: decOptions,
  prepare: (_, kind) =>
    kind === "array"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  fit: (data, options, context) => {
    const row = { shape: data.shape.slice(1), columns: data.columns };
    return fitClusters(NAME, data, withPublishedLayers(row, options), context);
  },
  size: (row, options) => encoderSize(codeShape(NAME, row, withPublishedLayers(row, options))),
  untrained: (row, options) => {
    const shape = codeShape(NAME, row, withPublishedLayers(row, options));
    const { latent } = shape.network;
    return {
      shape,
      parameters: untrained(initialEncoder(shape, 0)) as Clusters["parameters"],
      centers: { shape: [2, latent], data: new Float32Array(2 * latent) } satisfies TrainedParameter,
    };
  },
  graph: (x, { shape, parameters, centers }, { score }) => {
    const code: Float = codesOf(asConstants(parameters), shape, x);
    const tensors = asConstants(centers);
    return {
      scores: {
        center_distance: sqrt(min(squaredCenterDistances(code, tensors), { axis: 1 })),
        assignment_doubt: neg(max(softAssignment(code, tensors), { axis: 1 })),
      },
      score: score === "distance" ? "center_distance" : "assignment_doubt",
      likelihoods: [],
      code,
      elementsPerRow: Math.max(largestLayer(shape.network.encoder, shape.network.width), centers.data.length),
    };
  },
});
