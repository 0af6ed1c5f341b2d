import { randomStream } from "@surprisal/engine";
import {
  type ClassifierState,
  chooseEpsilon,
  classGaussians,
  featureCount,
  initialClassifier,
  MOST_FEATURES,
  trainClassifier,
} from "../../classification/index.js";
import { trainingOf } from "../../deep/index.js";
import type { FitContext, Learned, PreparedData } from "../../detector/index.js";
import { SurprisalError } from "../../errors.js";
import { type ClassifierBody, untrained } from "../../networks/index.js";
import type { ClassGaussians } from "../../scores/index.js";
import type { ClassifierConfidenceOptions, ClassifierScore } from "./options.js";

export const NAME = "classifier-confidence";

/** What fitting learned: plain data. */
export interface ClassifierConfidenceState {
  readonly classifier: ClassifierState;
  readonly epsilon: number;
  readonly gaussians?: ClassGaussians;
}

const isImage = (row: readonly number[]): boolean => row.length > 1;

/** The network that the options name for such rows. */
export function bodyOf(row: readonly number[], options: ClassifierConfidenceOptions): ClassifierBody {
  const { width, stem, hidden } = options;
  const isLarge = isImage(row) && Math.min(row[0]!, row[1]!) >= 8;
  const kind = options.network ?? (isLarge ? "cnn" : "perceptron");
  if (kind === "cnn") return { kind, width };
  if (kind === "resnet18") return { kind, width, stem };
  if (kind === "linear") return { kind };
  const features = row.reduce((a, b) => a * b, 1);
  return { kind, hidden: hidden ?? (features >= 100 ? [256, 64] : [64, 32]) };
}

/** The score that decides for such rows. */
export function scoreOf(row: readonly number[], { score }: ClassifierConfidenceOptions): ClassifierScore {
  return score ?? (isImage(row) ? "odin" : "mahalanobis");
}

/** Classes numbered from 0 without gaps, in their order. */
function numbered(classes: Uint32Array): { labels: Uint32Array; count: number } {
  const known = [...new Set(classes)].sort((a, b) => a - b);
  const places = new Map(known.map((value, i) => [value, i]));
  return { labels: classes.map((value) => places.get(value)!), count: known.length };
}

/** Prepared rows, each with its class: whole numbers from 0. */
export interface LabelledRows {
  readonly prepared: PreparedData;
  readonly labels: Uint32Array;
}

function take({ prepared, labels }: LabelledRows, indices: Uint32Array): LabelledRows {
  const { width, shape } = prepared;
  const data = new Float32Array(indices.length * width);
  indices.forEach((row, i) => {
    data.set((prepared.data as Float32Array).subarray(row * width, (row + 1) * width), i * width);
  });
  return {
    prepared: { ...prepared, data, shape: [indices.length, ...shape.slice(1)] },
    labels: Uint32Array.from(indices, (row) => labels[row]!),
  };
}

/** Rows to train on and, where the step is chosen, rows to choose it by. */
function splitRows(
  rows: LabelledRows,
  { epsilon, validation }: ClassifierConfidenceOptions,
  seed: number,
): { learning: LabelledRows; held?: LabelledRows } {
  if (epsilon !== "auto") return { learning: rows };
  const order = randomStream(seed, "epsilon").permutation(rows.labels.length);
  const held = Math.max(1, Math.floor(validation * rows.labels.length));
  return { learning: take(rows, order.subarray(held)), held: take(rows, order.subarray(0, held)) };
}

function refuseWideFeatures(
  name: string,
  classifier: Pick<ClassifierState, "body" | "row">,
  score: ClassifierScore,
): void {
  const features = featureCount(classifier);
  if (score === "mahalanobis" && features > MOST_FEATURES) {
    throw new SurprisalError(
      `${name}: option "score" is mahalanobis, but this network has ${features} features, and distances are computed for up to ${MOST_FEATURES}; choose another "network" or "width"`,
    );
  }
}

/**
 * Trains a classifier of labelled rows, then estimates the Gaussians of its features and chooses ODIN's step.
 * @param name of the detector, for messages
 * @param count of the classes, at least 2
 */
export async function fitOnLabels(
  name: string,
  rows: LabelledRows,
  count: number,
  options: ClassifierConfidenceOptions,
  context: FitContext,
): Promise<Learned<ClassifierConfidenceState>> {
  const row = rows.prepared.shape.slice(1);
  const body = bodyOf(row, options);
  refuseWideFeatures(name, { body, row }, scoreOf(row, options));
  const { learning, held } = splitRows(rows, options, context.seed);
  const task = { body, labels: learning.labels, classes: count, training: trainingOf(options) };
  const { state, history, summary } = await trainClassifier(name, learning.prepared, task, context);
  const { signal } = context;
  const gaussians = await classGaussians(state, learning.prepared, learning.labels, signal);
  const chosen = held && (await chooseEpsilon(state, held.prepared, options.temperature, signal));
  const epsilon = chosen ? chosen.epsilon : (options.epsilon as number);
  return {
    state: { classifier: state, epsilon, ...(gaussians && { gaussians }) },
    ...(history && { history }),
    summary: { ...summary, score: scoreOf(row, options), epsilon },
  };
}

/** Trains the classifier of the classes given, then estimates the Gaussians of its features and chooses ODIN's step. */
export async function fitClassifierConfidence(
  prepared: PreparedData,
  options: ClassifierConfidenceOptions,
  context: FitContext,
): Promise<Learned<ClassifierConfidenceState>> {
  if (!context.classes) {
    throw new SurprisalError(
      `${NAME} learns to tell known classes of normal rows apart, but no classes are given; give the class of each row, or choose a detector that needs none`,
    );
  }
  const { labels, count } = numbered(context.classes);
  if (count < 2) {
    throw new SurprisalError(
      `${NAME} learns to tell classes apart, but all rows are of one class; give rows of 2 or more, or choose a detector that needs none`,
    );
  }
  return fitOnLabels(NAME, { prepared, labels }, count, options, context);
}

/** A member before training. */
export function untrainedClassifierConfidence(
  row: readonly number[],
  options: ClassifierConfidenceOptions,
): ClassifierConfidenceState {
  const body = bodyOf(row, options);
  const parameters = untrained(initialClassifier(NAME, body, row, 2, 0) as never);
  const features = featureCount({ body, row });
  return {
    classifier: { body, row, classes: 2, parameters },
    epsilon: 0,
    ...(features <= MOST_FEATURES && {
      gaussians: {
        classes: 2,
        features,
        means: new Float64Array(2 * features),
        whitening: new Float64Array(features * features),
      },
    }),
  };
}
