import {
  type FittedDetector,
  load,
  type MetricsSummary,
  type Samples,
  type Scores,
  summarize,
} from "surprisal";
import type { CommandSpec, Context } from "../command.js";
import { readLabelled } from "../data-source.js";
import { UsageError } from "../faults.js";
import {
  formatCount,
  formatNumber,
  formatRate,
  formatSeconds,
  shortFloat32,
  toMilliseconds,
} from "../format.js";
import { write } from "../io.js";
import { refuseUnwritable } from "../out-file.js";
import { readingOptions, readOptions } from "../reading-options.js";
import { alignColumns } from "../style.js";

/** One evaluation: what was scored, how, and what came out. */
export interface Evaluation {
  readonly model: FittedDetector;
  readonly path: string;
  readonly data: string;
  readonly samples: Samples;
  readonly labels: Uint8Array;
  readonly scores: Scores;
  readonly metrics: MetricsSummary;
  /** Time to score, without reading. */
  readonly seconds: number;
}

async function evaluate(context: Context): Promise<Evaluation> {
  const path = context.text("model");
  const data = context.text("data");
  const { signal } = context;
  const model = await load(path);
  const progress = context.progress("evaluate");
  try {
    progress.update(undefined, "reading");
    const { samples, labels } = await readLabelled(
      data,
      { label: context.optionalText("label") },
      readingOptions(context),
      "test",
      model,
    );
    if (labels === undefined) {
      throw new UsageError(
        "--label is missing: evaluation needs to know the anomalies",
        "Give --label COLUMN=VALUE, for instance --label class=1.",
      );
    }
    const threshold = context.number("threshold") ?? model.threshold;
    const started = performance.now();
    const scores = await model.score(samples, {
      threshold,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ rows, total }) =>
        progress.update(rows / total, `${formatCount(rows)} of ${formatCount(total)} rows`),
    });
    const seconds = (performance.now() - started) / 1000;
    signal?.throwIfAborted();
    const metrics = summarize(labels, scores.scores, threshold);
    return { model, path, data, samples, labels, scores, metrics, seconds };
  } finally {
    progress.stop();
  }
}

async function printText(
  { io, style }: Context,
  { model, metrics, seconds, data }: Evaluation,
): Promise<void> {
  const { confusion } = metrics;
  const count = formatCount;
  const table = (rows: readonly (readonly string[])[], right: readonly number[]) =>
    write(io.stdout, alignColumns(rows, { right }));
  await write(
    io.stdout,
    `${style.bold(model.name)} on ${data}: ${count(metrics.rows)} rows, ${count(metrics.anomalies)} anomalies\n\n`,
  );
  const figures = {
    AUROC: formatRate(metrics.auroc),
    AP: formatRate(metrics.ap),
    "FPR at 95 % TPR": formatRate(metrics.fprAt95Tpr),
    threshold: formatNumber(metrics.threshold, 6),
    precision: formatRate(metrics.precision),
    recall: formatRate(metrics.recall),
    F1: formatRate(metrics.f1),
    "scored in": formatSeconds(seconds),
  };
  await table(
    Object.entries(figures).map(([name, value]) => [style.dim(name), value]),
    [1],
  );
  await write(io.stdout, "\n");
  const rows = [
    ["", "flagged", "not flagged"].map(style.dim),
    [style.dim("anomaly"), count(confusion.truePositives), count(confusion.falseNegatives)],
    [style.dim("normal"), count(confusion.falsePositives), count(confusion.trueNegatives)],
  ];
  await table(rows, [1, 2]);
}

async function printJson({ io }: Context, evaluation: Evaluation, report: string | undefined): Promise<void> {
  const { metrics, model, path, data, seconds } = evaluation;
  const { auroc, ap, precision, recall, f1, rows, anomalies, confusion } = metrics;
  const figures = { auroc, ap, threshold: shortFloat32(metrics.threshold), precision, recall, f1 };
  const counts = { fpr95: metrics.fprAt95Tpr, rows, anomalies, confusion, seconds: toMilliseconds(seconds) };
  const names = { detector: model.name, model: path, data, ...(report === undefined ? {} : { report }) };
  const document = { ...figures, ...counts, ...names };
  await write(io.stdout, `${JSON.stringify(document)}\n`);
}

export const evaluateCommand: CommandSpec = {
  name: "evaluate",
  summary: "measure a fitted detector on labelled rows",
  description:
    "Scores labelled rows and prints AUROC, average precision, the false positive rate where 95 % of the anomalies " +
    "are caught, and precision, recall and F1 at the threshold. With --report also as one HTML page.",
  arguments: [
    { name: "model", description: "the ONNX file of a fitted detector", required: true },
    { name: "data", description: "a path, sql:QUERY or dataset:NAME (see surprisal --help)", required: true },
  ],
  options: [
    {
      name: "label",
      kind: "text",
      value: "COLUMN=VALUE",
      description:
        "rows with this value are anomalies; without =VALUE the column holds 0 and 1; data sets know theirs",
    },
    {
      name: "report",
      kind: "text",
      value: "FILE",
      description: "write an HTML report with figures and the most anomalous rows",
    },
    { name: "threshold", kind: "number", value: "VALUE", description: "another threshold than the model's" },
    ...readOptions,
  ],
  examples: [
    ["surprisal evaluate model.onnx test.csv --label class=1", "a table of figures"],
    ["surprisal evaluate model.onnx test.csv --label class=1 --report report.html", "and a report"],
    [
      "surprisal evaluate model.onnx dataset:thyroid --json",
      "one JSON object: auroc, ap, threshold, precision, recall, f1, ...",
    ],
  ],
  run: async (context) => {
    const report = context.optionalText("report");
    if (report !== undefined) await refuseUnwritable("--report", report);
    const evaluation = await evaluate(context);
    try {
      if (report !== undefined) {
        // Loaded when asked for: drawing takes a third of the time that the program takes to start.
        const { writeEvaluationReport } = await import("../evaluation-report.js");
        await writeEvaluationReport(report, evaluation, context.signal);
      }
    } finally {
      await evaluation.model.close();
    }
    if (context.json) return printJson(context, evaluation, report);
    await printText(context, evaluation);
    if (report !== undefined && !context.quiet) await write(context.io.stdout, `\nreport: ${report}\n`);
  },
};
