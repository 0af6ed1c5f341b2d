import { stat } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { basename } from "node:path";
import { version } from "surprisal";
import type { Metadata } from "surprisal/artifact";
import {
  mostAnomalousImages,
  mostAnomalousRows,
  type ReportEpoch,
  type ReportSection,
  readsImages,
  writeReport,
} from "surprisal/report";
import type { Evaluation } from "./commands/evaluate.js";

/** Rows of the report that are shown with their contributions. */
const shownRows = 9;

/** Images of the report that are shown with their reconstructions. */
const shownImages = 10;

/** An epoch without the entries that it does not have. */
function epochOf({
  epoch,
  loss,
  validationLoss,
  metrics,
}: Metadata["training"]["history"][number]): ReportEpoch {
  return {
    epoch,
    loss,
    ...(validationLoss === undefined ? {} : { validationLoss }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}

/** The most anomalous images, or rows with what their columns add to the score. */
async function examples(
  evaluation: Evaluation,
  signal: AbortSignal | undefined,
): Promise<Partial<ReportSection>> {
  const { model, samples, labels, scores } = evaluation;
  const options = {
    labels,
    ...(scores.pValues === undefined ? {} : { pValues: scores.pValues }),
    ...(signal === undefined ? {} : { signal }),
  };
  if (model.metadata.input.kind === "table") {
    return { rows: await mostAnomalousRows(model, samples, scores.scores, { ...options, limit: shownRows }) };
  }
  if (!readsImages(model) || !("shape" in samples)) return {};
  return {
    images: await mostAnomalousImages(model, samples, scores.scores, { ...options, limit: shownImages }),
  };
}

/** Writes the report of one evaluation as one HTML page. */
export async function writeEvaluationReport(
  path: string,
  evaluation: Evaluation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { model, scores, labels, metrics, seconds } = evaluation;
  const { detector, training, threshold, features } = model.metadata;
  const { rule, ...of } = threshold.rule;
  const given = metrics.threshold !== threshold.value;
  const words = [String(rule), ...Object.values(of).map(String)].join(" ");
  const section: ReportSection = {
    detector: model.name,
    dataset: evaluation.data,
    description: detector.title,
    options: detector.options,
    file: { name: basename(evaluation.path), bytes: (await stat(evaluation.path)).size },
    fingerprint: training.fingerprint,
    scores: scores.scores,
    labels,
    ...(scores.pValues === undefined ? {} : { pValues: scores.pValues }),
    threshold: metrics.threshold,
    thresholdRule: given ? "value given for this evaluation" : words,
    seconds: { fit: training.seconds, score: seconds },
    ...(training.history.length === 0 ? {} : { training: { history: training.history.map(epochOf) } }),
    featureNames: features,
    ...(await examples(evaluation, signal)),
  };
  await writeReport(path, {
    title: `${model.name} on ${evaluation.data}`,
    generatedAt: new Date().toISOString().slice(0, 10),
    sections: [section],
    environment: {
      surprisal: version,
      node: process.version,
      machine: `${platform()} ${arch()}, ${cpus().length} cores`,
    },
  });
}
