import type { PreparedData } from "../detector/index.js";
import { ledoitWolfShrinkage, shrinkCovariance } from "../detectors/mahalanobis/ledoit-wolf.js";
import { classifierElements, evaluateRows } from "../networks/index.js";
import { covarianceMatrix, whitening } from "../numeric/index.js";
import type { ClassGaussians } from "../scores/index.js";
import { type ClassifierState, trainedClassifier } from "./state.js";

/** Features above which no covariance is estimated: its eigenvalues would take minutes. */
export const MOST_FEATURES = 1024;

/**
 * Means of the classes and the covariance about them that all share, of features [rows, width] row-major,
 * shrunk as Ledoit & Wolf 2004 derive, for units that are off give it no full rank.
 */
export function fitClassGaussians(
  features: ArrayLike<number>,
  width: number,
  labels: ArrayLike<number>,
  classes: number,
): ClassGaussians {
  const rows = features.length / width;
  const means = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for (let i = 0; i < rows; i++) {
    const c = labels[i]!;
    counts[c]! += 1;
    for (let j = 0; j < width; j++) means[c * width + j]! += features[i * width + j]!;
  }
  for (let at = 0; at < means.length; at++) means[at]! /= Math.max(1, counts[Math.floor(at / width)]!);
  const about = Float64Array.from({ length: rows * width }, (_, at) => {
    const c = labels[Math.floor(at / width)]!;
    return features[at]! - means[c * width + (at % width)]!;
  });
  const zero = new Float64Array(width);
  const empirical = covarianceMatrix(about, width, zero);
  const part = ledoitWolfShrinkage(about, width, zero, empirical);
  const covariance = part === 0 ? empirical : shrinkCovariance(empirical, width, part);
  const units = zero.map((_, j) => Math.sqrt(covariance[j * width + j]!) || 1);
  return { classes, features: width, means, whitening: whitening(covariance, units).matrix };
}

/** The Gaussians of a trained classifier's features of prepared rows; none where it has too many of them. */
export async function classGaussians(
  state: ClassifierState,
  prepared: PreparedData,
  labels: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<ClassGaussians | undefined> {
  const width = featureCount(state);
  if (width > MOST_FEATURES) return undefined;
  const elementsPerRow = classifierElements(state.body, state.row);
  const classifier = trainedClassifier(state);
  const features = await evaluateRows((x) => classifier(x).features, prepared, { elementsPerRow, signal });
  return fitClassGaussians(features, width, labels, state.classes);
}

/** Number of features that the last layer of a classifier is given. */
export function featureCount({ body, row }: Pick<ClassifierState, "body" | "row">): number {
  const size = row.reduce((a, b) => a * b, 1);
  switch (body.kind) {
    case "linear":
      return size;
    case "perceptron":
      return body.hidden.at(-1) ?? size;
    case "cnn":
      return 4 * body.width;
    case "resnet18":
      return 8 * body.width;
  }
}
