import type { Metadata } from "../artifact/metadata.js";
import type { FittedDetector, Samples, Scores } from "../detector/types.js";
import { mostAnomalousImages, mostAnomalousRows, reconstructsImages } from "./most-anomalous.js";
import type { ReportEpoch, ReportSection } from "./types.js";

export interface ReportSectionOptions {
  readonly model: FittedDetector;
  /** The scored rows. */
  readonly samples: Samples;
  /** What `model.score(samples)` gave. */
  readonly scores: Scores;
  /** One a row, 1 for an anomaly. */
  readonly labels?: Uint8Array;
  /** Name of the data. */
  readonly dataset: string;
  /** Decide by another threshold than the detector's. */
  readonly threshold?: number;
  /** Name and bytes of the saved detector. */
  readonly file?: { readonly name: string; readonly bytes: number };
  /** Time of scoring, in seconds. */
  readonly scoreSeconds?: number;
  /** Rows or images shown one by one. Default 10. */
  readonly shown?: number;
  readonly signal?: AbortSignal;
}

function inWords(rule: Readonly<Record<string, unknown>>): string {
  const { rule: name, ...options } = rule;
  const entries = Object.entries(options);
  return [name, ...entries.map(([key, value]) => (entries.length > 1 ? `${key}=${value}` : value))].join(" ");
}

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
    ...(validationLoss !== undefined && { validationLoss }),
    ...(metrics && { metrics }),
  };
}

/** The most anomalous images, or rows with what their columns add to the score. */
async function examples(options: ReportSectionOptions): Promise<Partial<ReportSection>> {
  const { model, samples, labels, scores, shown = 10, signal } = options;
  const about = {
    limit: shown,
    ...(labels && { labels }),
    ...(scores.pValues && { pValues: scores.pValues }),
    ...(signal && { signal }),
  };
  if (reconstructsImages(model) && "shape" in samples) {
    return { images: await mostAnomalousImages(model, samples, scores.scores, about) };
  }
  return { rows: await mostAnomalousRows(model, samples, scores.scores, about) };
}

/** One detector's results on scored rows, as a section of a report. Throws as `score` does. */
export async function reportSection(options: ReportSectionOptions): Promise<ReportSection> {
  const { model, scores, labels, dataset, file, scoreSeconds } = options;
  const { detector, training, threshold, features } = model.metadata;
  const isGiven = options.threshold !== undefined && options.threshold !== threshold.value;
  return {
    detector: model.name,
    dataset,
    description: detector.title,
    options: detector.options,
    ...(file && { file }),
    fingerprint: training.fingerprint,
    scores: scores.scores,
    ...(labels && { labels }),
    ...(scores.pValues && { pValues: scores.pValues }),
    threshold: options.threshold ?? threshold.value,
    thresholdRule: isGiven ? "value given for this evaluation" : inWords(threshold.rule),
    seconds: { fit: training.seconds, ...(scoreSeconds !== undefined && { score: scoreSeconds }) },
    ...(training.history.length > 0 && { training: { history: training.history.map(epochOf) } }),
    ...(features.length > 0 && { featureNames: features }),
    ...(await examples(options)),
  };
}
