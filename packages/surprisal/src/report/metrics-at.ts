/**
 * Cumulated counts at falling scores: entry i counts the rows whose score is at least `scores[i]`.
 * Without labels every row counts as a false positive, so that the sum is the rows flagged. This
 * file is also placed, compiled, in report pages: it imports nothing.
 */
export interface OperatingPoints {
  /** Distinct scores, falling. */
  scores: Float64Array;
  truePositives: Uint32Array;
  falsePositives: Uint32Array;
  /** Number of anomalies. */
  positives: number;
  /** Number of normal rows, or of all rows without labels. */
  negatives: number;
  labelled: boolean;
  /** Distinct scores in the data; more than `scores.length` where points were left out. */
  distinct: number;
}

/** What a threshold gives. */
export interface ThresholdMetrics {
  threshold: number;
  /** Rows with a score above the threshold. */
  flagged: number;
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
  /** 0 where no row is flagged. */
  precision: number;
  recall: number;
  f1: number;
  falsePositiveRate: number;
}

/** Counts and rates when rows with score > `threshold` are flagged. */
export function metricsAt(points: OperatingPoints, threshold: number): ThresholdMetrics {
  let low = 0;
  let high = points.scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points.scores[middle]! > threshold) low = middle + 1;
    else high = middle;
  }
  const truePositives = low > 0 ? points.truePositives[low - 1]! : 0;
  const falsePositives = low > 0 ? points.falsePositives[low - 1]! : 0;
  const flagged = truePositives + falsePositives;
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  return {
    threshold,
    flagged,
    truePositives,
    falsePositives,
    trueNegatives: points.negatives - falsePositives,
    falseNegatives: points.positives - truePositives,
    precision: ratio(truePositives, flagged),
    recall: ratio(truePositives, points.positives),
    f1: ratio(2 * truePositives, flagged + points.positives),
    falsePositiveRate: ratio(falsePositives, points.negatives),
  };
}

/** The threshold with the highest F1: midway between two neighbouring scores where it can be. */
export function bestThreshold(points: OperatingPoints): number {
  const { scores, truePositives, falsePositives, positives } = points;
  let best = 0;
  let bestF1 = -1;
  for (let i = 0; i < scores.length; i++) {
    const f1 = (2 * truePositives[i]!) / (truePositives[i]! + falsePositives[i]! + positives);
    if (f1 > bestF1) {
      best = i;
      bestF1 = f1;
    }
  }
  const score = scores[best]!;
  const next = scores[best + 1];
  if (next === undefined) return score - Math.max(Math.abs(score) * 1e-6, 1e-6);
  const middle = next / 2 + score / 2;
  return Number.isFinite(middle) && middle < score ? middle : next;
}
