import { rounded } from "./statistics.js";

/** Methods of the published tables. */
export const publishedMethods = ["oc-svm", "oc-nn", "oc-cnn", "svdd", "deep-svdd", "clad"] as const;
type PublishedMethod = (typeof publishedMethods)[number];

type Row = Readonly<Record<PublishedMethod, readonly number[]>>;

/** Scenarios of tables 1 and 2. */
const superCategories = "CUR STR MIX SPDL INST WARN DIRC SPEC REGN THG LIV ANML ISCT ISTM STRT VHCL".split(
  " ",
);

/** AUROC in per cent by super-category: tables 1 and 2 of Park et al. 2021. */
const multiClass: Row = {
  "oc-svm": [69.9, 87.4, 54.8, 66.3, 60.9, 52.7, 60.7, 50.5, 77.2, 51.9, 67.7, 63.5, 60.9, 50.2, 56.7, 55.5],
  "oc-nn": [81.4, 76.2, 60.2, 65.7, 65.7, 51.8, 62.0, 52.7, 78.3, 58.5, 67.2, 58.2, 57.1, 50.3, 51.0, 55.1],
  "oc-cnn": [77.5, 78.3, 51.5, 59.3, 57.5, 60.4, 56.4, 59.1, 64.3, 59.8, 62.5, 59.7, 62.4, 51.5, 54.2, 66.4],
  svdd: [58.8, 72.4, 52.6, 58.2, 55.1, 51.1, 50.5, 56.9, 67.4, 50.8, 61.4, 51.5, 51.8, 51.5, 50.6, 51.9],
  "deep-svdd": [
    81.7, 82.2, 69.7, 57.7, 69.7, 73.4, 59.3, 70.2, 77.8, 65.0, 52.7, 59.0, 53.5, 53.4, 55.4, 53.5,
  ],
  clad: [94.0, 96.1, 92.6, 66.7, 66.5, 64.9, 67.4, 62.2, 79.1, 74.9, 72.8, 65.9, 66.2, 55.6, 62.0, 64.7],
};

const digits = Array.from({ length: 10 }, (_, digit) => `one-class-${digit}`);

/** The same by digit: table 3. */
const digitRows: Row = {
  "oc-svm": [98.3, 99.5, 82.0, 88.5, 91.6, 79.7, 93.1, 93.4, 83.9, 91.3],
  "oc-nn": [97.6, 99.5, 87.3, 86.5, 93.3, 86.5, 97.1, 93.6, 88.5, 93.5],
  "oc-cnn": [91.8, 98.7, 74.9, 78.2, 88.3, 72.7, 75.6, 85.6, 69.1, 78.5],
  svdd: [98.6, 99.5, 82.5, 88.1, 94.9, 77.1, 96.5, 93.7, 88.9, 93.1],
  "deep-svdd": [98.0, 99.7, 91.7, 91.9, 94.9, 88.5, 98.3, 94.6, 93.9, 96.5],
  clad: [96.3, 97.9, 89.8, 87.2, 92.2, 90.7, 92.5, 91.5, 80.0, 92.0],
};

const objects = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
].map((name) => `one-class-${name}`);

/** The same by class of CIFAR-10: table 4. */
const objectRows: Row = {
  "oc-svm": [65.1, 59.0, 65.2, 50.1, 75.1, 51.3, 71.7, 51.2, 67.6, 51.0],
  "oc-nn": [60.4, 62.0, 63.7, 53.6, 67.4, 56.1, 63.3, 60.1, 64.7, 60.3],
  "oc-cnn": [65.0, 65.6, 62.8, 51.2, 72.7, 50.9, 64.7, 52.2, 66.5, 66.9],
  svdd: [61.6, 63.8, 50.0, 55.9, 66.0, 62.4, 74.7, 62.6, 74.9, 75.9],
  "deep-svdd": [61.7, 65.9, 50.8, 59.1, 60.9, 65.7, 67.7, 67.3, 75.9, 73.1],
  clad: [73.0, 64.4, 58.3, 60.1, 73.1, 63.9, 76.0, 60.1, 70.7, 69.8],
};

const tables: readonly (readonly [scenarios: readonly string[], rows: Row])[] = [
  [superCategories, multiClass],
  [digits, digitRows],
  [objects, objectRows],
];

/** The published AUROC of a method in a scenario, 0 to 1; undefined where there is none. */
export function publishedAuroc(scenario: string, method: string): number | undefined {
  for (const [scenarios, rows] of tables) {
    const at = scenarios.indexOf(scenario);
    const row = rows[method as PublishedMethod];
    if (at >= 0 && row !== undefined) return rounded(row[at]! / 100);
  }
  return undefined;
}

/** One curve of figure 3: AUROC, 0 to 1, by the number of clusters or the size of the code. */
export interface PublishedSweep {
  readonly values: readonly number[];
  readonly auroc: readonly number[];
}

const percent = (...values: number[]): number[] => values.map((value) => rounded(value / 100));

const clusterCounts = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20];
const codeSizes = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/** Figure 3 at 10 codes (clusters) and at 10 clusters (codes), read off the plot to about half a point. */
export const publishedSweeps: Readonly<
  Record<string, Readonly<Record<"clusters" | "latent", PublishedSweep>>>
> = {
  CUR: {
    clusters: { values: clusterCounts, auroc: percent(64, 85, 93.5, 91.5, 92.3, 94, 93, 92.4, 91.7, 89) },
    latent: {
      values: codeSizes,
      auroc: percent(92.3, 85.7, 84.3, 82, 80.3, 83, 86, 83.5, 82.8, 84.6),
    },
  },
  STR: {
    clusters: { values: clusterCounts, auroc: percent(70.5, 91.3, 94, 95, 94.5, 92, 92.3, 88, 91.8, 92.7) },
    latent: {
      values: codeSizes,
      auroc: percent(94.5, 94, 95.3, 92.4, 94.3, 92.2, 92.8, 93.3, 92.2, 93.7),
    },
  },
  MIX: {
    clusters: {
      values: clusterCounts,
      auroc: percent(73, 91, 92.6, 88.5, 86.7, 88.7, 85, 86.5, 85, 82),
    },
    latent: {
      values: codeSizes,
      auroc: percent(86.7, 88.6, 85.5, 86, 86.2, 87, 84.3, 83, 84.8, 85),
    },
  },
};

/** Settings of one of the published run scripts. */
export interface PublishedSettings {
  readonly clusters: number;
  readonly latent: number;
  /** Of the autoencoder, and at most of the clustering. */
  readonly epochs: number;
  readonly classifierEpochs: number;
  readonly classifierLearningRate: number;
}

type ScriptRow = readonly [
  clusters: number,
  latent: number,
  epochs: number,
  classifierEpochs: number,
  classifierLearningRate: number,
];

const scripts: Readonly<Record<string, ScriptRow>> = {
  mnist: [10, 10, 100, 100, 1e-4],
  "mnist one class": [10, 3, 100, 100, 1e-5],
  THG: [10, 200, 100, 100, 1e-4],
  LIV: [10, 100, 100, 100, 1e-4],
  cifar10: [10, 200, 100, 100, 1e-4],
  SPDL: [20, 50, 100, 200, 1e-5],
  INST: [20, 100, 200, 20, 1e-5],
  WARN: [10, 100, 200, 200, 1e-3],
  DIRC: [10, 300, 200, 200, 5e-6],
  SPEC: [7, 100, 200, 50, 1e-4],
  REGN: [10, 300, 200, 200, 5e-6],
  ANML: [10, 200, 100, 100, 1e-7],
  ISCT: [10, 200, 100, 100, 1e-7],
  ISTM: [30, 200, 300, 100, 5e-7],
  STRT: [10, 200, 100, 100, 1e-6],
  VHCL: [15, 200, 100, 100, 1e-7],
};

/** What the scripts use for a scenario; for one they do not have, what they use for its like. */
export function publishedClad(dataset: string, scenario: string): PublishedSettings {
  const isAlone = scenario.startsWith("one-class-");
  const isGrey = /mnist/.test(dataset);
  const row = scripts[scenario] ?? scripts[isGrey ? (isAlone ? "mnist one class" : "mnist") : "cifar10"]!;
  const [clusters, latent, epochs, classifierEpochs, classifierLearningRate] = row;
  return { clusters, latent, epochs, classifierEpochs, classifierLearningRate };
}
