import type { NDArray } from "../data/ndarray.js";
import type { Detector, FittedDetector } from "../detector/index.js";
import {
  clad,
  deepSvdd,
  hybrid,
  isolationForest,
  kde,
  ocCnn,
  ocNn,
  ocSvm,
  svdd,
} from "../detectors/index.js";
import type { ScenarioData } from "./clad-data.js";
import { publishedClad } from "./published-clad.js";
import { rounded } from "./statistics.js";
import type { StudyScale } from "./study.js";

/** What a method's options depend on. */
export interface MethodContext {
  readonly dataset: string;
  readonly scenario: ScenarioData;
  readonly scale: StudyScale;
  readonly seed: number;
}

/** A score that a method's file gives; without `output` it is the one that decides. */
export interface MethodScore {
  readonly id: string;
  readonly title: string;
  readonly output?: string;
}

/** A detector of the comparison. */
export interface CladMethod {
  readonly id: string;
  readonly title: string;
  readonly detector: (context: MethodContext) => Detector;
  readonly scores: readonly MethodScore[];
  /** As of the study's models. */
  readonly checkpoints?: boolean;
}

/** A method whose one score is its file's. */
const single = (id: string, title: string, detector: CladMethod["detector"]): CladMethod => ({
  id,
  title,
  detector,
  scores: [{ id, title }],
});

/** A method that learns on the codes of an autoencoder. */
const onCodes = (id: string, title: string, detector: CladMethod["detector"]): CladMethod => ({
  ...single(id, title, detector),
  checkpoints: false,
});

/** Variance of all values of bytes as numbers of 0 to 1. */
function pixelVariance({ data }: NDArray): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]! / 255;
    sum += value;
    squares += value * value;
  }
  return Math.max(1e-12, squares / data.length - (sum / data.length) ** 2);
}

/** The published constraint of each multiplier of the SVDD, and the width of its kernel on z-scored pixels. */
const publishedSvdd = { bound: 0.9, gamma: 1 / 2000 };

/** Epochs that make about so many steps, between 5 and 300. */
function epochsOf({ train }: ScenarioData, steps: number, batchSize: number): number {
  const stepsPerEpoch = Math.max(1, Math.floor(train.shape[0]! / batchSize));
  return Math.min(300, Math.max(5, Math.round(steps / stepsPerEpoch)));
}

/** Batches of a size that few images fill too. */
const batchOf = ({ train }: ScenarioData, most: number): number =>
  Math.min(most, Math.max(8, Math.floor(train.shape[0]! / 4)));

const isGrey = ({ train }: ScenarioData): boolean => train.shape[3] === 1;

/** Steps of gradient descent of each stage of a reduced run: what ten minutes allow. */
function stepsOf({ scenario, scale }: MethodContext): number {
  if (scale === "tiny") return 20;
  return isGrey(scenario) ? 300 : 250;
}

export type CladOptions = NonNullable<Parameters<typeof clad>[0]>;

/** CLAD as the published scripts have it, or with smaller networks and fewer steps. */
export function cladOptions(context: MethodContext): CladOptions {
  const { dataset, scenario, scale, seed } = context;
  const { clusters, latent, epochs, classifierEpochs, classifierLearningRate } = publishedClad(
    dataset,
    scenario.name,
  );
  const common = {
    body: "clad",
    clusters,
    latent,
    codeNoise: "learned",
    keepClusters: true,
    temperature: 1000,
    epsilon: "auto",
    calibration: 0,
    seed,
  } as const;
  if (scale === "full") {
    return {
      ...common,
      pretrainingEpochs: epochs,
      clusteringEpochs: epochs,
      batchSize: batchOf(scenario, 512),
      network: "resnet18",
      width: 64,
      classifierEpochs,
      classifierBatchSize: batchOf(scenario, 128),
      classifierLearningRate,
    };
  }
  const batchSize = batchOf(scenario, 128);
  const epochsHere = epochsOf(scenario, stepsOf(context), batchSize);
  return {
    ...common,
    depth: isGrey(scenario) ? 4 : 6,
    pretrainingEpochs: epochsHere,
    clusteringEpochs: epochsHere,
    batchSize,
    network: "cnn",
    width: 8,
    classifierEpochs: epochsHere,
    classifierBatchSize: batchSize,
    classifierLearningRate: 1e-3,
    ...(scale === "tiny" && {
      body: "dense",
      hidden: [64],
      clusters: 4,
      starts: 3,
      network: "perceptron",
      classifierHidden: [32],
    }),
  };
}

export const cladDetector = (options: CladOptions): Detector => clad(options) as Detector;

type DeepSvddOptions = NonNullable<Parameters<typeof deepSvdd>[0]>;

/** The network of Deep SVDD that the images' size allows: a published one, or one like them. */
function svddBody({ train }: ScenarioData, scale: StudyScale): DeepSvddOptions {
  const [, height, , channels] = train.shape;
  if (scale === "tiny") return { body: "dense", hidden: [32], latent: 8 };
  if (channels === 1 && height === 28) return { body: "mnistLenet", pretrainingWeightDecay: 0.5e-3 };
  if (scale !== "full") return { body: "convolutional", filters: [8, 16, 32], kernel: 3, latent: 64 };
  if (height === 32) return { body: "cifarLenet" };
  return { body: "convolutional", filters: [32, 64, 128], latent: 128 };
}

function deepSvddDetector(context: MethodContext): Detector {
  const { scenario, scale, seed } = context;
  const batchSize = batchOf(scenario, 200);
  const common = { ...svddBody(scenario, scale), batchSize, calibration: 0, seed };
  if (scale === "full") {
    const pretrainingEpochs = isGrey(scenario) ? 150 : 350;
    return deepSvdd({ ...common, pretrainingEpochs, epochs: 150, learningRate: 1e-4, milestones: [50] });
  }
  // Its batches are larger, and it has as many steps before as after its centre is set.
  const epochs = epochsOf(scenario, stepsOf(context) / 2, batchSize);
  return deepSvdd({ ...common, pretrainingEpochs: epochs, epochs, learningRate: 1e-3 });
}

/** Epochs of the autoencoder whose codes a one-class method takes for features. */
const codeEpochs = (context: MethodContext): number =>
  context.scale === "full"
    ? 150
    : epochsOf(context.scenario, stepsOf(context), batchOf(context.scenario, 128));

/** Size of these codes. */
const codeSize = 32;

/** All methods, in the order of the tables. */
export const cladMethods: readonly CladMethod[] = [
  {
    id: "clad",
    title: "CLAD (ODIN)",
    detector: (context) => cladDetector(cladOptions(context)),
    scores: [
      { id: "clad", title: "CLAD (ODIN)", output: "odin" },
      { id: "clad-base", title: "CLAD (base)", output: "maximum_softmax" },
    ],
  },
  single("deep-svdd", "Deep SVDD", deepSvddDetector),
  onCodes("oc-nn", "OC-NN", (context) =>
    ocNn({
      latent: codeSize,
      pretrainingEpochs: codeEpochs(context),
      epochs: codeEpochs(context),
      calibration: 0,
      seed: context.seed,
    }),
  ),
  onCodes("oc-cnn", "OC-CNN", (context) =>
    ocCnn({
      latent: codeSize,
      pretrainingEpochs: codeEpochs(context),
      steps: context.scale === "tiny" ? 50 : 1000,
      calibration: 0,
      seed: context.seed,
    }),
  ),
  onCodes("oc-svm-codes", "OC-SVM on codes", (context) =>
    hybrid({
      encoder: "autoencoder",
      encoderOptions: { latent: codeSize, epochs: codeEpochs(context) },
      base: "oc-svm",
      baseOptions: { nu: 0.5, gamma: "scale" },
      calibration: 0,
      seed: context.seed,
    }),
  ),
  // gamma "scale" on pixels of 0 to 1 is the published "auto" on z-scored ones.
  single("oc-svm", "OC-SVM", ({ seed }) => ocSvm({ nu: 0.5, gamma: "scale", calibration: 0, seed })),
  single("svdd", "SVDD", ({ scenario: { train }, seed }) =>
    svdd({
      gamma: publishedSvdd.gamma / pixelVariance(train),
      nu: Math.min(1, 1 / (publishedSvdd.bound * train.shape[0]!)),
      calibration: 0,
      seed,
    }),
  ),
  single("isolation-forest", "isolation forest", ({ seed }) => isolationForest({ calibration: 0, seed })),
  single("kde", "KDE", ({ seed }) => kde({ bandwidth: "scott", calibration: 0, seed })),
];

/** Options that say nothing of a method here. */
const leftOut = new Set(["seed", "calibration", "inputGradient", "maxCategories"]);

const plainText = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

/** The options of a fitted method, as its file has them. */
export function optionsText({ metadata }: FittedDetector): string {
  return Object.entries(metadata.detector.options)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name} ${typeof value === "number" ? rounded(value) : plainText(value)}`)
    .join(", ");
}
