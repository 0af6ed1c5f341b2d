import { classifierScores, initialClassifier } from "../../classification/index.js";
import { defineMemberDetector } from "../../detector/index.js";
import { parameterCount } from "../../networks/index.js";
import {
  bodyOf,
  type ClassifierConfidenceState,
  fitClassifierConfidence,
  NAME,
  scoreOf,
  untrainedClassifierConfidence,
} from "./fit.js";
import { classifierConfidenceOptions, scoreNames } from "./options.js";

/**
 * A classifier of the known classes of normal rows, and how little it recognises: by its maximum softmax
 * probability (Hendrycks & Gimpel 2017), ODIN (Liang, Li & Srikant 2018), the energy (Liu et al. 2020), the
 * maximum logit (Hendrycks et al. 2022), or the distance of its features from those of the classes (Lee et al.
 * 2018). Needs the class of each row at fit.
 */
export const classifierConfidence = defineMemberDetector<
  typeof classifierConfidenceOptions.shape,
  ClassifierConfidenceState
>({
  name: NAME,
  title: "Classifier confidence (ODIN, energy)",
  summary:
    "Learns known classes of normal rows; what its classifier does not recognise is anomalous. Needs classes.",
  version: 1,
  options: classifierConfidenceOptions,
  uses: ["classes"],
  prepare: (_, kind) =>
    kind === "array"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  fit: fitClassifierConfidence,
  size: ({ shape }, options) => {
    const body = bodyOf(shape, options);
    if (body.kind === "cnn" || body.kind === "resnet18") return Number.POSITIVE_INFINITY;
    return parameterCount(initialClassifier(NAME, body, shape, 2, 0) as never);
  },
  untrained: ({ shape }, options) => untrainedClassifierConfidence(shape, options),
  graph: (x, { classifier, epsilon, gaussians }, options) => ({
    ...classifierScores(x, classifier, {
      temperature: options.temperature,
      epsilon,
      energyTemperature: options.energyTemperature,
      ...(gaussians && { gaussians }),
    }),
    score: scoreNames[scoreOf(classifier.row, options)],
  }),
});
