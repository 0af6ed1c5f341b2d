import type { Tensor } from "@surprisal/engine";
import type { DeepGraph } from "../detector/index.js";
import { classifierElements } from "../networks/index.js";
import {
  type ClassGaussians,
  classMahalanobis,
  energy,
  maximumLogit,
  maximumSoftmax,
  odin,
} from "../scores/index.js";
import { type ClassifierState, trainedClassifier } from "./state.js";

type Float = Tensor<"float32">;

export interface ClassifierScoreOptions {
  /** ODIN's temperature. */
  readonly temperature: number;
  /** ODIN's step, in units of the prepared rows: of pixels in [0, 1]. */
  readonly epsilon: number;
  /** The energy's temperature. Default 1. */
  readonly energyTemperature?: number;
  /** Gaussians of the features, where their distance is to be a score. */
  readonly gaussians?: ClassGaussians;
}

/**
 * The scores of a trained classifier for prepared rows x [N, ...row], all in one program, higher is more
 * anomalous: `maximum_softmax`, `odin`, `energy`, `maximum_logit`, and `mahalanobis` with Gaussians.
 */
export function classifierScores(
  x: Float,
  state: ClassifierState,
  { temperature, epsilon, energyTemperature = 1, gaussians }: ClassifierScoreOptions,
): Pick<DeepGraph, "scores" | "likelihoods" | "elementsPerRow"> {
  const classifier = trainedClassifier(state);
  const { logits, features } = classifier(x);
  const elements = classifierElements(state.body, state.row);
  return {
    scores: {
      maximum_softmax: maximumSoftmax(logits),
      odin: odin((moved) => classifier(moved).logits, x, { logits, temperature, epsilon }),
      energy: energy(logits, energyTemperature),
      maximum_logit: maximumLogit(logits),
      ...(gaussians && { mahalanobis: classMahalanobis(features, gaussians) }),
    },
    likelihoods: [],
    // On the way back a gradient is kept beside each value.
    elementsPerRow: Math.max(4 * elements, gaussians ? gaussians.classes * gaussians.features : 0),
  };
}
