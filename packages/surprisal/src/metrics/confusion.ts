import { SurprisalError } from "../errors.js";
import { type Labels, requireLabelled, type Scores } from "./ranking.js";

/** Counts of rows by truth and verdict; positive means anomaly. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/**
 * The confusion counts at a threshold: a row is flagged where score > threshold, strictly, so a row
 * that scores exactly the threshold is not flagged. One class alone is allowed.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, or a score or the
 * threshold is NaN.
 */
export function confusion(labels: Labels, scores: Scores, threshold: number): Confusion {
  const isAnomaly = requireLabelled(labels, scores, "confusion");
  if (Number.isNaN(threshold)) throw new SurprisalError("confusion: the threshold is NaN; give a number");
  let truePositives = 0;
  let falsePositives = 0;
  let positives = 0;
  for (let row = 0; row < isAnomaly.length; row++) {
    positives += isAnomaly[row]!;
    if (scores[row]! > threshold) {
      truePositives += isAnomaly[row]!;
      falsePositives += 1 - isAnomaly[row]!;
    }
  }
  return {
    truePositives,
    falsePositives,
    trueNegatives: isAnomaly.length - positives - falsePositives,
    falseNegatives: positives - truePositives,
  };
}

/** A ratio of counts; 0 where there is nothing to count, as scikit-learn's default. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** The share of flagged rows that are anomalies, 0 to 1; 0 where no row is flagged. */
export function precision({ truePositives, falsePositives }: Confusion): number {
  return ratio(truePositives, truePositives + falsePositives);
}

/** The share of anomalies that are flagged, 0 to 1; 0 where there is no anomaly. */
export function recall({ truePositives, falseNegatives }: Confusion): number {
  return ratio(truePositives, truePositives + falseNegatives);
}

/** The harmonic mean of precision and recall, 0 to 1; 0 where no row is flagged and none is an anomaly. */
export function f1({ truePositives, falsePositives, falseNegatives }: Confusion): number {
  return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}
