import { contaminationTypes } from "../datasets/index.js";
import type { ReportTable } from "../report/index.js";
import {
  type Found,
  hasCollapsed,
  type Judged,
  type Run,
  runNames,
  runs,
  scoreNames,
} from "./contaminated-mnist-judge.js";
import { REDRAWS } from "./contaminated-mnist-redraws.js";
import { deviationOf, formatRuns, meanOf, rounded } from "./statistics.js";
import type { StudyTable } from "./study.js";

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

/** One run in the JSON object: its first seed's figures, and of several those of each. */
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

/** What is found of each run, by the names of the JSON object. */
export function resultsOf(found: Readonly<Record<Run, Found[]>>): Record<string, unknown> {
  const withCollapse = (models: readonly Found[]) => ({
    ...jsonOf(models),
    collapsed: models.map(hasCollapsed),
  });
  return {
    ...jsonOf(found.correct),
    publishedLoss: withCollapse(found.published),
    publishedLossInBatchesOf8: withCollapse(found.collapsed),
    published,
  };
}

/** Several runs of one figure as a cell. */
const cell = (values: readonly number[], strong = false) => ({ number: formatRuns(values), strong });

export function mainTable(found: Readonly<Record<Run, Found[]>>): ReportTable {
  const row = (run: Run, labels: "corrected" | "published") => {
    const models = found[run];
    const each = (pick: (one: Judged) => number) => models.map((one) => pick(one[labels]));
    return [
      `${runNames[run]}, ${labels} labels`,
      cell(each(({ metrics }) => metrics.precision)),
      cell(each(({ metrics }) => metrics.recall)),
      cell(
        each(({ metrics }) => metrics.f1),
        run === "correct",
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
      ...runs.flatMap((run) => [row(run, "corrected"), row(run, "published")]),
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
      `so the last column has mean and deviation over ${REDRAWS} others of the same images, each with a threshold of its own.`,
  };
}

export function typeTable(found: Readonly<Record<Run, Found[]>>): ReportTable {
  const types = contaminationTypes.slice(1);
  const rows = runs.flatMap((run) =>
    (Object.keys(scoreNames) as (keyof typeof scoreNames)[]).map((score) => [
      `${runNames[run]}, ${scoreNames[score]}`,
      ...types.map((type) => cell(found[run].map(({ auroc }) => auroc[score][type]!))),
    ]),
  );
  return { caption: "AUROC of each kind of contamination", columns: ["run and score", ...types], rows };
}

export function trainingTable(found: Readonly<Record<Run, Found[]>>, baseline: number): ReportTable {
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
      ...runs.map((run) => row(runNames[run], of(run, "reconstruction"), of(run, "kl"))),
      row("published run (collapsed)", [published.reconstruction], [published.kl]),
      row("published control, 2 latents, correct loss", [control.reconstruction], [control.kl]),
      ["the mean image for every image", { number: baseline.toFixed(1) }, "–"],
    ],
  };
}

export function tableOf(found: Readonly<Record<Run, Found[]>>): StudyTable {
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
