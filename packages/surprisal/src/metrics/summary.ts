import { auroc } from "./auroc.js";
import { averagePrecision } from "./average-precision.js";
import { type Confusion, confusion, f1, precision, recall } from "./confusion.js";
import { fprAtTpr } from "./fpr-at-tpr.js";
import type { Labels, Scores } from "./ranking.js";

/** The metrics of one evaluation. All rates are 0 to 1; anomaly is the positive class. */
export interface MetricsSummary {
  readonly rows: number;
  readonly anomalies: number;
  /** Area under the ROC curve. */
  readonly auroc: number;
  /** Average precision. */
  readonly ap: number;
  /** False positive rate where 95 % of the anomalies are caught. */
  readonly fprAt95Tpr: number;
  /** Rows with score > threshold count as flagged in what follows. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly confusion: Confusion;
}

/**
 * All metrics of labelled scores at a threshold.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score or the threshold
 * is NaN, or one class is missing.
 */
export function summarize(labels: Labels, scores: Scores, threshold: number): MetricsSummary {
  const counts = confusion(labels, scores, threshold);
  return {
    rows: scores.length,
    anomalies: counts.truePositives + counts.falseNegatives,
    auroc: auroc(labels, scores),
    ap: averagePrecision(labels, scores),
    fprAt95Tpr: fprAtTpr(labels, scores),
    threshold,
    precision: precision(counts),
    recall: recall(counts),
    f1: f1(counts),
    confusion: counts,
  };
}
