import {
  type ContaminatedPart,
  type ContaminatedSplit,
  contaminatedSplit,
  contaminationTypes,
  contaminatedMnist as loadContaminatedMnist,
  loadDataset,
} from "../datasets/index.js";
import type { FittedDetector } from "../detector/index.js";
import { vae } from "../detectors/vae/index.js";
import { bestF1Threshold, type MetricsSummary, summarize } from "../metrics/index.js";
import type { ReportChapter, ReportTable } from "../report/index.js";
import { reportSection } from "../report/report-section.js";
import { curveFigures, imageFigures, latentFigures } from "./contaminated-mnist-pictures.js";
import { redrawnF1 } from "./contaminated-mnist-redraws.js";
import { aurocBetween, deviationOf, formatRuns, meanOf, rounded } from "./statistics.js";
import type {
  EvaluationContext,
  PreparedStudy,
  Study,
  StudyModel,
  StudyOutcome,
  StudySettings,
} from "./study.js";
import { trainingRun } from "./training-run.js";

/** The published run: a collapsed model, its labels without the transposed images. */
const published = {
  precision: 0.4074,
  recall: 0.2075,
  f1: 0.275,
  threshold: 103.859,
  reconstruction: 205.65,
  kl: 1.3e-5,
};

/** The published control: the same network with 2 latents and the loss as it should be. */
const control = { reconstruction: 140.15, kl: 6.8 };

/** Seed of split and contamination. */
const dataSeed = 12;

const batchSize = 128;

/** The scores shown beside the one that decides, by the names of the file's outputs. */
const scoreNames = { reconstruction_error: "E(x)", negative_elbo: "−ELBO", rate: "rate" } as const;

const runs = ["correct", "published"] as const;
type Run = (typeof runs)[number];

interface Data {
  /** As the labels should be. */
  readonly corrected: ContaminatedSplit;
  /** The same images to learn from; contaminated and labelled as published. */
  readonly published: ContaminatedSplit;
  /** Part of the images that is contaminated, where it is not the published one. */
  readonly contamination?: number;
  readonly name: string;
}

async function loadData({ scale, signal }: StudySettings): Promise<Data> {
  if (scale !== "tiny") {
    const load = (compat?: "published") =>
      loadContaminatedMnist({ seed: dataSeed, ...(compat && { compat }), ...(signal && { signal }) });
    return { corrected: await load(), published: await load("published"), name: "mnist" };
  }
  const name = "fashion-mnist-sample";
  const sample = await loadDataset(name);
  if (sample.kind !== "image") throw new TypeError(`${name} holds no images`);
  // A tenth of the sample is 200 images: 3 % of these would be too few to see.
  const contamination = 0.15;
  const options = { seed: dataSeed, contamination };
  return {
    corrected: contaminatedSplit(sample, options),
    published: contaminatedSplit(sample, { ...options, compat: "published" }),
    contamination,
    name,
  };
}

const epochs = { tiny: 2, quick: 6, full: 30 } as const;

function modelsOf({ corrected, name }: Data, { scale, seeds }: StudySettings): StudyModel[] {
  const { images } = corrected.train;
  const count = images.shape[0]!;
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    runs.map(
      (run): StudyModel => ({
        name: `${run}-${seed}`,
        kind: "convolutional VAE",
        detector: vae({
          body: "transferLab",
          epochs: epochs[scale],
          batchSize,
          learningRate: 1e-3,
          // Averaged over pixels and summed over the batch, beside a KL term averaged over the batch.
          reduction: run === "published" ? "transferLab" : "sum",
          score: "reconstructionError",
          calibration: 0,
          seed,
        }),
        samples: images,
        source: `${name}, ${count} clean images, split ${dataSeed}`,
      }),
    ),
  );
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

interface Judged {
  readonly threshold: number;
  readonly metrics: MetricsSummary;
}

/** The threshold with the best F1 on the validation part, and what it gives on the test part. */
function judge(split: ContaminatedSplit, validation: PartScores, test: PartScores): Judged {
  const { threshold } = bestF1Threshold(split.validation.y, validation.reconstruction_error);
  return { threshold, metrics: summarize(split.test.y, test.reconstruction_error, threshold) };
}

/** AUROC of each kind of contamination against the untouched images. */
function aurocByType(test: ContaminatedPart, scores: Float32Array): Record<string, number> {
  const ofType = (type: number) => scores.filter((_, row) => test.types[row] === type);
  const nominal = ofType(0);
  return Object.fromEntries(
    contaminationTypes.slice(1).map((name, i) => [name, aurocBetween(nominal, ofType(i + 1))]),
  );
}

interface Found {
  readonly model: FittedDetector;
  readonly training: { readonly reconstruction: number; readonly kl: number };
  readonly scores: PartScores;
  readonly corrected: Judged;
  readonly published: Judged;
  /** F1 over contaminations drawn anew. */
  readonly redrawn: { readonly corrected: number[]; readonly published: number[] };
  readonly auroc: Readonly<Record<keyof typeof scoreNames, Record<string, number>>>;
}

async function measure(model: FittedDetector, data: Data, signal?: AbortSignal): Promise<Found> {
  const { corrected, published: asPublished, contamination } = data;
  const options = contamination === undefined ? {} : { contamination };
  const scores = await scoresOf(model, corrected.test, signal);
  const judgedOn = async (split: ContaminatedSplit) =>
    judge(
      split,
      await scoresOf(model, split.validation, signal),
      split === corrected ? scores : await scoresOf(model, split.test, signal),
    );
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
      corrected: await redrawnF1(model, corrected.held, options, signal),
      published: await redrawnF1(model, corrected.held, { ...options, compat: "published" }, signal),
    },
    auroc: Object.fromEntries(byScore) as Found["auroc"],
  };
}

/** What the mean image costs as a reconstruction of every image: no worse is any model that learned something. */
function meanImageCost({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): number {
  const count = shape[0]!;
  const pixels = data.length / count;
  const mean = new Float64Array(pixels);
  for (let i = 0; i < data.length; i++) mean[i % pixels]! += data[i]! / 255 / count;
  const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));
  return mean.reduce((sum, p) => sum + entropy(p), 0);
}

function figuresOf({ metrics, threshold }: Judged): Record<string, number> {
  const { precision, recall, f1, auroc, ap } = metrics;
  return Object.fromEntries(
    Object.entries({ f1, precision, recall, auroc, ap, threshold }).map(([name, value]) => [
      name,
      rounded(value),
    ]),
  );
}

const spreadOf = (values: readonly number[]) => ({
  mean: rounded(meanOf(values)),
  deviation: rounded(deviationOf(values)),
  draws: values.length,
});

const roundedValues = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));

/** Whether the code says nothing of the image, so that every reconstruction is the mean image. */
const hasCollapsed = ({ training }: Found) => training.kl < 0.1;

/** One run in the JSON object; several seeds as the mean, each beside. */
function jsonOf(found: readonly Found[]): Record<string, unknown> {
  const one = ({ corrected, published: onPublished, redrawn, auroc, training }: Found) => ({
    ...figuresOf(corrected),
    f1Redrawn: spreadOf(redrawn.corrected),
    auroc: { all: rounded(corrected.metrics.auroc), ...roundedValues(auroc.reconstruction_error) },
    aurocOfOtherScores: {
      negative_elbo: roundedValues(auroc.negative_elbo),
      rate: roundedValues(auroc.rate),
    },
    publishedLabels: { ...figuresOf(onPublished), f1Redrawn: spreadOf(redrawn.published) },
    training: roundedValues(training),
  });
  const each = found.map(one);
  return found.length === 1 ? each[0]! : { ...each[0]!, seeds: each };
}

/** Several runs of one figure as a cell. */
const cell = (values: readonly number[], strong = false) => ({ number: formatRuns(values), strong });

function mainTable(found: Readonly<Record<Run, Found[]>>): ReportTable {
  const row = (run: Run, labels: "corrected" | "published", strong: boolean) => {
    const models = found[run];
    const each = (pick: (one: Judged) => number) => models.map((one) => pick(one[labels]));
    return [
      `${run} loss, ${labels} labels`,
      cell(each(({ metrics }) => metrics.precision)),
      cell(each(({ metrics }) => metrics.recall)),
      cell(
        each(({ metrics }) => metrics.f1),
        strong,
      ),
      {
        number: formatRuns(
          each(({ threshold }) => threshold),
          1,
        ),
      },
      cell(models.flatMap(({ redrawn }) => redrawn[labels])),
    ];
  };
  return {
    caption: "Flagged by E(x) above the threshold with the best F1 on validation",
    columns: ["run and labels", "precision", "recall", "F1", "threshold", "F1, redrawn"],
    rows: [
      row("correct", "corrected", true),
      row("correct", "published", true),
      row("published", "corrected", false),
      row("published", "published", false),
      [
        "as published",
        { number: String(published.precision) },
        { number: String(published.recall) },
        { number: published.f1.toFixed(3) },
        { number: published.threshold.toFixed(1) },
        "",
      ],
    ],
    note:
      "The published labels count transposed images as normal. One contamination has about a hundred anomalies to judge by, " +
      "so the last column has mean and deviation over 20 others of the same images, each with a threshold of its own.",
  };
}

function typeTable(found: Readonly<Record<Run, Found[]>>): ReportTable {
  const types = contaminationTypes.slice(1);
  const rows = runs.flatMap((run) =>
    (Object.keys(scoreNames) as (keyof typeof scoreNames)[]).map((score) => [
      `${run} loss, ${scoreNames[score]}`,
      ...types.map((type) => cell(found[run].map(({ auroc }) => auroc[score][type]!))),
    ]),
  );
  return { caption: "AUROC of each kind of contamination", columns: ["run and score", ...types], rows };
}

function trainingTable(found: Readonly<Record<Run, Found[]>>, baseline: number): ReportTable {
  const row = (name: string, reconstruction: number[], kl: number[]) => [
    name,
    { number: formatRuns(reconstruction, 1) },
    { number: kl.map((value) => Number(value.toPrecision(3))).join(", ") },
  ];
  const of = (run: Run, what: "reconstruction" | "kl") => found[run].map(({ training }) => training[what]);
  return {
    caption: "Training loss of the last epoch, nats an image",
    columns: ["run", "reconstruction", "KL"],
    rows: [
      row("correct loss", of("correct", "reconstruction"), of("correct", "kl")),
      row("published loss", of("published", "reconstruction"), of("published", "kl")),
      row("published run (collapsed)", [published.reconstruction], [published.kl]),
      row("published control, 2 latents, correct loss", [control.reconstruction], [control.kl]),
      ["the mean image for every image", { number: baseline.toFixed(1) }, "–"],
    ],
  };
}

/** The layers with their numbers of parameters, as the file's metadata and weights have them. */
function sizeText(model: FittedDetector): string {
  const { summary } = model.metadata.training;
  return `The network has ${Number(summary.parameters).toLocaleString("en")} parameters and a code of ${summary.latent}.`;
}

/** What became of the models with the published loss. */
function collapseText(models: readonly Found[]): string {
  const collapsed = models.filter(hasCollapsed).length;
  if (models.length === 1)
    return collapsed === 1 ? "with the published one it collapses." : "the published one does not collapse.";
  return `with the published one ${collapsed} of ${models.length} models collapse.`;
}

async function chaptersOf(
  found: Readonly<Record<Run, Found[]>>,
  data: Data,
  settings: StudySettings,
  signal?: AbortSignal,
): Promise<ReportChapter[]> {
  const baseline = meanImageCost(data.corrected.train.images);
  const best = found.correct[0]!;
  const curves = runs.map((run) => trainingRun(`${run} loss`, found[run][0]!.model));
  const count = data.corrected.train.images.shape[0]!.toLocaleString("en");
  return [
    {
      title: "Results",
      text: [
        `A convolutional VAE learned ${count} clean images in ${epochs[settings.scale]} epochs, and judges images of which some are transposed, noisy or half black. ` +
          "The published run gave the KL term 6.1 times its weight and collapsed: its reconstruction is the mean image. " +
          `Both losses are trained here; ${collapseText(found.published)}`,
        ...(settings.scale === "full"
          ? []
          : [
              `This is a ${settings.scale} run: fewer epochs than the published 30, so the losses are not at their end.`,
            ]),
        `The threshold is set on ${data.corrected.validation.y.length.toLocaleString("en")} images and judged on ${data.corrected.test.y.length.toLocaleString("en")}. ${sizeText(best.model)}`,
      ],
      tables: [mainTable(found), typeTable(found), trainingTable(found, baseline)],
    },
    { title: "Training", figures: curveFigures(curves, baseline) },
    {
      title: "Images",
      figures: await imageFigures(best.model, best.scores.reconstruction_error, data.corrected, signal),
    },
    { title: "Latent space", figures: await latentFigures(best.model, data.corrected, signal) },
  ];
}

async function evaluate(
  models: ReadonlyMap<string, FittedDetector>,
  data: Data,
  settings: StudySettings,
  { signal, onProgress }: EvaluationContext,
): Promise<StudyOutcome> {
  const found: Record<Run, Found[]> = { correct: [], published: [] };
  const total = settings.seeds * runs.length;
  for (let seed = 1; seed <= settings.seeds; seed++) {
    for (const [i, run] of runs.entries()) {
      onProgress((((seed - 1) * runs.length + i) / total) * 0.6, `scoring ${run}-${seed}`);
      found[run].push(await measure(models.get(`${run}-${seed}`)!, data, signal));
    }
  }
  onProgress(0.6, "drawing");
  const { test } = data.corrected;
  const sections = await Promise.all(
    runs.map(async (run) => {
      const { model, corrected } = found[run][0]!;
      const scores = await model.score(test.images, signal ? { signal } : {});
      const dataset = `${data.name}, contaminated`;
      const section = await reportSection({
        model,
        samples: test.images,
        scores,
        labels: test.y,
        dataset,
        threshold: corrected.threshold,
      });
      return { ...section, detector: `${run} loss`, thresholdRule: "best F1 on validation" };
    }),
  );
  return {
    results: {
      ...jsonOf(found.correct),
      publishedLoss: { ...jsonOf(found.published), collapsed: found.published.map(hasCollapsed) },
      published,
      meanImageReconstruction: rounded(meanImageCost(data.corrected.train.images)),
    },
    table: tableOf(found),
    chapters: await chaptersOf(found, data, settings, signal),
    sections,
  };
}

function tableOf(found: Readonly<Record<Run, Found[]>>): StudyOutcome["table"] {
  const types = contaminationTypes.slice(1);
  const row = (run: Run, labels: "corrected" | "published") => {
    const models = found[run];
    const mean = (pick: (one: Found) => number) => rounded(meanOf(models.map(pick)));
    return [
      run,
      labels,
      mean((one) => one[labels].metrics.precision),
      mean((one) => one[labels].metrics.recall),
      mean((one) => one[labels].metrics.f1),
      mean((one) => one[labels].threshold),
      rounded(meanOf(models.flatMap(({ redrawn }) => redrawn[labels]))),
      ...types.map((type) => mean(({ auroc }) => auroc.reconstruction_error[type]!)),
      mean(({ training }) => training.reconstruction),
      mean(({ training }) => training.kl),
    ];
  };
  const nothing = Number.NaN;
  const { precision, recall, f1, threshold, reconstruction, kl } = published;
  return {
    columns: [
      "loss",
      "labels",
      "precision",
      "recall",
      "f1",
      "threshold",
      "f1_redrawn",
      ...types.map((type) => `auroc_${type}`),
      "reconstruction",
      "kl",
    ],
    rows: [
      ...runs.flatMap((run) => [row(run, "corrected"), row(run, "published")]),
      [
        "as published",
        "published",
        precision,
        recall,
        f1,
        threshold,
        nothing,
        ...types.map(() => nothing),
        reconstruction,
        kl,
      ],
    ],
  };
}

/** Contaminated MNIST: a convolutional VAE with the loss as it should be, and with the published one. */
export const contaminatedMnist: Study = {
  name: "contaminated-mnist",
  title: "Contaminated MNIST",
  summary: "A convolutional VAE finds transposed, noisy and half black digits; the published loss beside it.",
  trains: [],
  seeds: { tiny: 1, quick: 1, full: 1 },
  prepare: async (settings): Promise<PreparedStudy> => {
    const data = await loadData(settings);
    return {
      models: modelsOf(data, settings),
      evaluationSeconds: settings.scale === "tiny" ? 5 : 40 * settings.seeds,
      evaluate: (models, context) => evaluate(models, data, settings, context),
    };
  },
};
