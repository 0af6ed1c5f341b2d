import { type Labels, rank, type Scores } from "./ranking.js";

/**
 * Average precision, 0 to 1: precision at each distinct score, weighted by the recall gained there,
 * without interpolation, as scikit-learn's `average_precision_score`. A useless score gives about
 * the share of anomalies.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN or one
 * class is missing.
 */
export function averagePrecision(labels: Labels, scores: Scores): number {
  const { truePositives: tp, falsePositives: fp, positives } = rank(labels, scores, "averagePrecision");
  let sum = 0;
  let previous = 0;
  for (let i = 0; i < tp.length; i++) {
    sum += ((tp[i]! - previous) * tp[i]!) / (tp[i]! + fp[i]!);
    previous = tp[i]!;
  }
  return sum / positives;
}
