import { betweenFloat32 } from "../numeric/index.js";
import { type Labels, rank, type Scores } from "./ranking.js";

export interface BestF1 {
  /** Rows with score > threshold are flagged. */
  readonly threshold: number;
  /** F1 on the given rows at that threshold. */
  readonly f1: number;
}

/**
 * The threshold with the highest F1 on labelled scores; of equal ones the highest, which flags
 * fewest rows. It lies midway between two neighbouring scores and, where one fits there, is a
 * float32, so that a graph that compares in float32 flags the same rows.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN or one
 * class is missing.
 */
export function bestF1Threshold(labels: Labels, scores: Scores): BestF1 {
  const {
    thresholds,
    truePositives: tp,
    falsePositives: fp,
    positives,
  } = rank(labels, scores, "bestF1Threshold");
  let best = 0;
  let bestF1 = -1;
  for (let i = 0; i < thresholds.length; i++) {
    // No threshold lies below -Infinity, so rows that score it cannot be flagged.
    if (thresholds[i] === Number.NEGATIVE_INFINITY) break;
    const value = (2 * tp[i]!) / (tp[i]! + fp[i]! + positives);
    if (value > bestF1) {
      best = i;
      bestF1 = value;
    }
  }
  if (bestF1 < 0) return { threshold: Number.NEGATIVE_INFINITY, f1: 0 };
  const next = thresholds[best + 1] ?? Number.NEGATIVE_INFINITY;
  return { threshold: betweenFloat32(next, thresholds[best]!), f1: bestF1 };
}
