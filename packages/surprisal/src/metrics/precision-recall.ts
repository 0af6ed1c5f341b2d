import { type Labels, rank, type Scores } from "./ranking.js";

/**
 * Points of a precision-recall curve. Point i is what flagging every row with
 * score ≥ `thresholds[i]` gives; precision and recall have one more point at the end, (1, 0),
 * which has no threshold.
 */
export interface PrecisionRecallCurve {
  /** 0 to 1; the last is 1. */
  readonly precision: Float64Array;
  /** Falling, 1 to 0. */
  readonly recall: Float64Array;
  /** Rising: the distinct scores. */
  readonly thresholds: Float64Array;
}

/**
 * The precision-recall curve of labelled scores, point for point scikit-learn's
 * `precision_recall_curve`. With `dropIntermediate` (default false) a point is left out where
 * recall is the same before and after it.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN or one
 * class is missing.
 */
export function precisionRecallCurve(
  labels: Labels,
  scores: Scores,
  { dropIntermediate = false }: { dropIntermediate?: boolean } = {},
): PrecisionRecallCurve {
  const ranking = rank(labels, scores, "precisionRecallCurve");
  const { thresholds, truePositives: tp, falsePositives: fp, positives } = ranking;
  const last = thresholds.length - 1;
  const kept: number[] = [];
  for (let i = last; i >= 0; i--) {
    const changes = i === 0 || i === last || tp[i] !== tp[i - 1] || tp[i] !== tp[i + 1];
    if (changes || !dropIntermediate) kept.push(i);
  }
  const precision = new Float64Array(kept.length + 1);
  const recall = new Float64Array(kept.length + 1);
  const keptThresholds = new Float64Array(kept.length);
  for (let j = 0; j < kept.length; j++) {
    const i = kept[j]!;
    precision[j] = tp[i]! / (tp[i]! + fp[i]!);
    recall[j] = tp[i]! / positives;
    keptThresholds[j] = thresholds[i]!;
  }
  precision[kept.length] = 1;
  return { precision, recall, thresholds: keptThresholds };
}
