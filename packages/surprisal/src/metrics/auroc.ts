import { type Labels, rank, type Scores } from "./ranking.js";

/**
 * Area under the ROC curve, 0 to 1: the chance that an anomaly scores higher than a normal row,
 * a tie counting one half (Mann & Whitney 1947).
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN or one
 * class is missing.
 */
export function auroc(labels: Labels, scores: Scores): number {
  const { truePositives: tp, falsePositives: fp, positives, negatives } = rank(labels, scores, "auroc");
  let twiceArea = 0;
  let previousTp = 0;
  let previousFp = 0;
  for (let i = 0; i < tp.length; i++) {
    twiceArea += (fp[i]! - previousFp) * (tp[i]! + previousTp);
    previousTp = tp[i]!;
    previousFp = fp[i]!;
  }
  return twiceArea / (2 * positives * negatives);
}
