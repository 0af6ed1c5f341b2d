import type { NDArray } from "../data/ndarray.js";
import { type ContaminatedPart, type ContaminatedSplit, contaminationTypes } from "../datasets/index.js";
import type { FittedDetector } from "../detector/index.js";
import { bestF1Threshold, type MetricsSummary, summarize } from "../metrics/index.js";
import { redrawnF1 } from "./contaminated-mnist-redraws.js";
import { aurocBetween } from "./statistics.js";

/**
 * The models of the study: with the loss as it should be, with the published one, and with that in
 * batches of 8. The published loss is averaged over pixels and summed over the batch, beside a KL term
 * averaged over the batch, which so has 784 / batch times its weight: 6.1 in batches of 128, 98 in
 * those of 8.
 */
export const runs = ["correct", "published", "collapsed"] as const;
export type Run = (typeof runs)[number];

export const runNames: Readonly<Record<Run, string>> = {
  correct: "correct loss",
  published: "published loss",
  collapsed: "published loss, batches of 8",
};

/** The scores shown beside the one that decides, by the names of the file's outputs. */
export const scoreNames = { reconstruction_error: "E(x)", negative_elbo: "−ELBO", rate: "rate" } as const;

export interface ContaminatedData {
  /** As the labels should be. */
  readonly corrected: ContaminatedSplit;
  /** The same images to learn from; contaminated and labelled as published. */
  readonly published: ContaminatedSplit;
  /** Part of the images that is contaminated, where it is not the published one. */
  readonly contamination?: number;
  readonly name: string;
}

/** Scores of one part of the data, by the names of the file's outputs. */
type PartScores = Readonly<Record<keyof typeof scoreNames, Float32Array>>;

async function scoresOf(
  model: FittedDetector,
  part: ContaminatedPart,
  signal?: AbortSignal,
): Promise<PartScores> {
  const names = Object.keys(scoreNames) as (keyof typeof scoreNames)[];
  const { outputs } = await model.score(part.images, { outputs: names, ...(signal && { signal }) });
  return Object.fromEntries(names.map((name) => [name, outputs[name]!.data])) as PartScores;
}

export interface Judged {
  readonly threshold: number;
  readonly metrics: MetricsSummary;
}

/** The threshold with the best F1 on the validation part, and what it gives on the test part. */
function judge(
  { validation, test }: ContaminatedSplit,
  validationE: Float32Array,
  testE: Float32Array,
): Judged {
  const { threshold } = bestF1Threshold(validation.y, validationE);
  return { threshold, metrics: summarize(test.y, testE, threshold) };
}

/** AUROC of each kind of contamination against the untouched images. */
function aurocByType(test: ContaminatedPart, scores: Float32Array): Record<string, number> {
  const ofType = (type: number) => scores.filter((_, row) => test.types[row] === type);
  const nominal = ofType(0);
  return Object.fromEntries(
    contaminationTypes.slice(1).map((name, i) => [name, aurocBetween(nominal, ofType(i + 1))]),
  );
}

/** What a model of the study does. */
export interface Found {
  readonly model: FittedDetector;
  readonly training: { readonly reconstruction: number; readonly kl: number };
  readonly scores: PartScores;
  readonly corrected: Judged;
  readonly published: Judged;
  /** F1 over contaminations drawn anew. */
  readonly redrawn: { readonly corrected: number[]; readonly published: number[] };
  readonly auroc: Readonly<Record<keyof typeof scoreNames, Record<string, number>>>;
}

/** Scores both parts, by both kinds of labels. */
export async function measure(
  model: FittedDetector,
  data: ContaminatedData,
  signal?: AbortSignal,
): Promise<Found> {
  const { corrected, published: asPublished, contamination } = data;
  const options = contamination === undefined ? {} : { contamination };
  const scores = await scoresOf(model, corrected.test, signal);
  // The score of these models is E(x), without the samples that the others take.
  const errorsOf = async (images: NDArray) => (await model.score(images, signal ? { signal } : {})).scores;
  const judgedOn = async (split: ContaminatedSplit) =>
    judge(split, await errorsOf(split.validation.images), await errorsOf(split.test.images));
  const { held } = corrected;
  const heldScores = await errorsOf(held);
  const last = model.metadata.training.history.at(-1);
  const byScore = Object.entries(scores).map(([name, values]) => [name, aurocByType(corrected.test, values)]);
  return {
    model,
    training: {
      reconstruction: last?.metrics?.reconstruction ?? Number.NaN,
      kl: last?.metrics?.kl ?? Number.NaN,
    },
    scores,
    corrected: await judgedOn(corrected),
    published: await judgedOn(asPublished),
    redrawn: {
      corrected: await redrawnF1(model, held, heldScores, options, signal),
      published: await redrawnF1(model, held, heldScores, { ...options, compat: "published" }, signal),
    },
    auroc: Object.fromEntries(byScore) as Found["auroc"],
  };
}

/** Whether the code says nothing of the image, so that every reconstruction is the mean image. */
export const hasCollapsed = ({ training }: Found) => training.kl < 0.1;
