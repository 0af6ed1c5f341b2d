import { exp } from "@surprisal/engine";
import { classifierScores, initialClassifier } from "../../classification/index.js";
import { softAssignment } from "../../clustering/index.js";
import { largestLayer } from "../../deep/index.js";
import { defineMemberDetector } from "../../detector/index.js";
import { asConstants, parameterCount } from "../../networks/index.js";
import { bodyOf, scoreOf, untrainedClassifierConfidence } from "../classifier-confidence/fit.js";
import { scoreNames } from "../classifier-confidence/options.js";
import { codesOf } from "../dec/fit.js";
import { type CladState, fitClad, NAME } from "./fit.js";
import { cladOptions, classifierOptions } from "./options.js";

/**
 * Clustering-based deep anomaly detection (Park et al. 2021): normal rows of unknown kinds are clustered by
 * the codes of an autoencoder, a classifier learns the clusters, and what it does not recognise is anomalous.
 */
export const clad = defineMemberDetector<typeof cladOptions.shape, CladState>({
  name: NAME,
  title: "CLAD: clusters, a classifier of them, ODIN",
  summary:
    "Clusters normal rows of several kinds and learns the clusters; what its classifier does not recognise is anomalous.",
  version: 1,
  options: cladOptions,
  prepare: (_, kind) =>
    kind === "array"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  fit: fitClad,
  size: ({ shape }, options) => {
    const body = bodyOf(shape, classifierOptions(options));
    if (body.kind === "cnn" || body.kind === "resnet18") return Number.POSITIVE_INFINITY;
    return parameterCount(initialClassifier(NAME, body, shape, 2, 0) as never);
  },
  untrained: ({ shape }, options) => untrainedClassifierConfidence(shape, classifierOptions(options)),
  graph: (x, { classifier, epsilon, gaussians, clusters }, options) => {
    const graph = classifierScores(x, classifier, {
      temperature: options.temperature,
      epsilon,
      energyTemperature: options.energyTemperature,
      ...(gaussians && { gaussians }),
    });
    const score = scoreNames[scoreOf(classifier.row, classifierOptions(options))];
    if (!clusters) return { ...graph, score };
    const { network } = clusters.shape;
    const code = codesOf(asConstants(clusters.parameters), clusters.shape, x);
    const assignment = exp(softAssignment(code, asConstants(clusters.centers)));
    return {
      ...graph,
      score,
      outputs: { code, assignment },
      elementsPerRow: Math.max(
        graph.elementsPerRow,
        largestLayer(network.encoder, network.width),
        clusters.centers.data.length,
      ),
    };
  },
});
