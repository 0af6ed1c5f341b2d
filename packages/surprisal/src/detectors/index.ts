import type { DetectorFactory } from "../detector/index.js";
import { abod } from "./abod/index.js";
import { auto } from "./auto/index.js";
import { autoencoder } from "./autoencoder/index.js";
import { cblof } from "./cblof/index.js";
import { clad } from "./clad/index.js";
import { classifierConfidence } from "./classifier-confidence/index.js";
import { cof } from "./cof/index.js";
import { copod } from "./copod/index.js";
import { dec } from "./dec/index.js";
import { deepSvdd } from "./deep-svdd/index.js";
import { ecod } from "./ecod/index.js";
import { ensemble } from "./ensemble/index.js";
import { extendedIsolationForest } from "./extended-isolation-forest/index.js";
import { featureBagging } from "./feature-bagging/index.js";
import { flow } from "./flow/index.js";
import { glow } from "./glow/index.js";
import { gmm } from "./gmm/index.js";
import { hbos } from "./hbos/index.js";
import { hybrid } from "./hybrid/index.js";
import { inne } from "./inne/index.js";
import { isolationForest } from "./isolation-forest/index.js";
import { kde } from "./kde/index.js";
import { kernelPca } from "./kernel-pca/index.js";
import { kmeansDistance } from "./kmeans-distance/index.js";
import { knn } from "./knn/index.js";
import { loda } from "./loda/index.js";
import { lof } from "./lof/index.js";
import { mad } from "./mad/index.js";
import { mahalanobis } from "./mahalanobis/index.js";
import { mcd } from "./mcd/index.js";
import { neuralClassifier } from "./neural-classifier/index.js";
import { ocCnn } from "./oc-cnn/index.js";
import { ocNn } from "./oc-nn/index.js";
import { ocSvm } from "./oc-svm/index.js";
import { pca } from "./pca/index.js";
import { robustKde } from "./robust-kde/index.js";
import { svdd } from "./svdd/index.js";
import { vae } from "./vae/index.js";
import { wgan } from "./wgan/index.js";

export { abod } from "./abod/index.js";
export { auto } from "./auto/index.js";
export { autoencoder } from "./autoencoder/index.js";
export { cblof } from "./cblof/index.js";
export { clad } from "./clad/index.js";
export { classifierConfidence } from "./classifier-confidence/index.js";
export { cof } from "./cof/index.js";
export { copod } from "./copod/index.js";
export { dec } from "./dec/index.js";
export { deepSvdd } from "./deep-svdd/index.js";
export { ecod } from "./ecod/index.js";
export { ensemble } from "./ensemble/index.js";
export { extendedIsolationForest } from "./extended-isolation-forest/index.js";
export { featureBagging } from "./feature-bagging/index.js";
export { flow } from "./flow/index.js";
export { type GlowGenerator, glow, glowGenerator } from "./glow/index.js";
export { gmm } from "./gmm/index.js";
export { hbos } from "./hbos/index.js";
export { hybrid } from "./hybrid/index.js";
export { inne } from "./inne/index.js";
export { isolationForest } from "./isolation-forest/index.js";
export { kde } from "./kde/index.js";
export { kernelPca } from "./kernel-pca/index.js";
export { kmeansDistance } from "./kmeans-distance/index.js";
export { knn } from "./knn/index.js";
export { loda } from "./loda/index.js";
export { lof } from "./lof/index.js";
export { mad } from "./mad/index.js";
export { mahalanobis } from "./mahalanobis/index.js";
export { mcd } from "./mcd/index.js";
export { neuralClassifier } from "./neural-classifier/index.js";
export { ocCnn } from "./oc-cnn/index.js";
export { ocNn } from "./oc-nn/index.js";
export { ocSvm } from "./oc-svm/index.js";
export { pca } from "./pca/index.js";
export { robustKde } from "./robust-kde/index.js";
export { svdd } from "./svdd/index.js";
export { vae } from "./vae/index.js";
export { wgan } from "./wgan/index.js";

/** Every detector by its name. */
export const detectors: Readonly<Record<string, DetectorFactory<never>>> = {
  abod,
  auto,
  autoencoder,
  cblof,
  clad,
  "classifier-confidence": classifierConfidence,
  cof,
  copod,
  dec,
  "deep-svdd": deepSvdd,
  ecod,
  ensemble,
  "extended-isolation-forest": extendedIsolationForest,
  "feature-bagging": featureBagging,
  flow,
  glow,
  gmm,
  hbos,
  hybrid,
  inne,
  "isolation-forest": isolationForest,
  kde,
  "kernel-pca": kernelPca,
  "kmeans-distance": kmeansDistance,
  knn,
  loda,
  lof,
  mad,
  mahalanobis,
  mcd,
  "neural-classifier": neuralClassifier,
  "oc-cnn": ocCnn,
  "oc-nn": ocNn,
  "oc-svm": ocSvm,
  pca,
  "robust-kde": robustKde,
  svdd,
  vae,
  wgan,
};
