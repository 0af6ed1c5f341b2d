import { type Labels, rank, type Scores } from "./ranking.js";

/**
 * Points of a receiver operating characteristic. Point i is what flagging every row with
 * score ≥ `thresholds[i]` would give; point 0 has threshold Infinity and stands for flagging none.
 */
export interface RocCurve {
  /** Rising, 0 to 1. */
  readonly falsePositiveRate: Float64Array;
  /** Rising, 0 to 1. */
  readonly truePositiveRate: Float64Array;
  /** Falling. */
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve of labelled scores, point for point scikit-learn's `roc_curve`. With
 * `dropIntermediate` (default true) a point is left out where both counts step by the same amount
 * before and after it, so that it lies midway on a straight piece; the area does not change.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN or one
 * class is missing.
 */
export function rocCurve(
  labels: Labels,
  scores: Scores,
  { dropIntermediate = true }: { dropIntermediate?: boolean } = {},
): RocCurve {
  const {
    thresholds,
    truePositives: tp,
    falsePositives: fp,
    positives,
    negatives,
  } = rank(labels, scores, "rocCurve");
  const last = thresholds.length - 1;
  const kept: number[] = [];
  for (let i = 0; i <= last; i++) {
    const isCorner =
      i === 0 ||
      i === last ||
      fp[i + 1]! - 2 * fp[i]! + fp[i - 1]! !== 0 ||
      tp[i + 1]! - 2 * tp[i]! + tp[i - 1]! !== 0;
    if (isCorner || !dropIntermediate) kept.push(i);
  }
  const pick = (first: number, values: Float64Array, total: number) => {
    const picked = new Float64Array(kept.length + 1).fill(first, 0, 1);
    for (let j = 0; j < kept.length; j++) picked[j + 1] = values[kept[j]!]! / total;
    return picked;
  };
  return {
    falsePositiveRate: pick(0, fp, negatives),
    truePositiveRate: pick(0, tp, positives),
    thresholds: pick(Number.POSITIVE_INFINITY, thresholds, 1),
  };
}
