// What the benchmark runs: every detector with its default options, and where the published figures
// were made with other ones, those too.
import { detectors } from "surprisal";

const variants = {
  // Livernoche et al. used 32 neighbours in the unsupervised protocol: see this folder's README.
  "knn 32 neighbours": { detector: "knn", options: { neighbours: 32 } },
  // PyOD's score, and so that of the published figures.
  "pca eigenvectors": { detector: "pca", options: { score: "eigenvectors" } },
};

/** Images only; and learns from labelled anomalies, which neither protocol gives. */
const leftOut = ["classifier-confidence", "glow", "neural-classifier"];

/** Name, detector and options of each entry. */
export const entries = {
  ...Object.fromEntries(
    Object.keys(detectors)
      .filter((detector) => !leftOut.includes(detector))
      .map((detector) => [detector, { detector, options: {} }]),
  ),
  ...variants,
};

/** Detectors that draw nothing at random with their default options. */
const drawNothing = new Set(
  "abod cof copod ecod hbos kde knn lof mad mahalanobis oc-svm pca svdd".split(" "),
);

export const drawsNothing = (name) => drawNothing.has(entries[name].detector);

/** Where the defaults refuse so many training rows, the options that the message asks for. */
const above = { "robust-kde": { rows: 16_383, options: { sampleRows: 5_000 } } };

/** The options that a number of training rows needs beside the defaults. */
export const optionsAbove = (name, rows) => (rows > above[name]?.rows ? above[name].options : {});

export const make = (name, options) =>
  detectors[entries[name].detector]({ ...entries[name].options, ...options });
