import { SurprisalError } from "../errors.js";
import { type Labels, rank, type Scores } from "./ranking.js";

/**
 * The smallest false positive rate among thresholds that catch at least the share
 * `truePositiveRate` (default 0.95, in (0, 1]) of the anomalies; "FPR at 95 % TPR" in the
 * out-of-distribution literature (Hendrycks & Gimpel 2017). No interpolation between points.
 *
 * Throws a `SurprisalError` where the rate is out of range, lengths differ, a label is not 0 or 1,
 * a score is NaN or one class is missing.
 */
export function fprAtTpr(labels: Labels, scores: Scores, truePositiveRate = 0.95): number {
  if (!(truePositiveRate > 0 && truePositiveRate <= 1)) {
    throw new SurprisalError(`fprAtTpr: truePositiveRate is ${truePositiveRate}; it must be in (0, 1]`);
  }
  const { truePositives, falsePositives, positives, negatives } = rank(labels, scores, "fprAtTpr");
  const reached = truePositives.findIndex((count) => count / positives >= truePositiveRate);
  return falsePositives[reached]! / negatives;
}
