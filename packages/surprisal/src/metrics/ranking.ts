import { SurprisalError } from "../errors.js";

/** True classes: 1 or true for an anomaly, 0 or false for a normal row. */
export type Labels = ArrayLike<number> | ArrayLike<boolean>;

/** Scores, higher meaning more anomalous. Infinities are ranked as such; NaN is refused. */
export type Scores = ArrayLike<number>;

/**
 * What every ranking metric is made of. Entry i counts the rows whose score is at least
 * `thresholds[i]`; thresholds are the distinct scores, falling, so rows that tie count together.
 */
export interface Ranking {
  readonly thresholds: Float64Array;
  /** Anomalies at or above the threshold; the last entry is `positives`. */
  readonly truePositives: Float64Array;
  /** Normal rows at or above the threshold; the last entry is `negatives`. */
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/** Throws a `SurprisalError` where a score is NaN. */
function requireScores(scores: Scores, what: string): void {
  for (let row = 0; row < scores.length; row++) {
    if (Number.isNaN(scores[row]!)) {
      throw new SurprisalError(
        `${what}: the score of row ${row} is NaN; metrics need a number for every row`,
      );
    }
  }
}

/**
 * Whether each row is an anomaly. Throws a `SurprisalError` where the lengths differ, a label is
 * neither 0 nor 1, or a score is NaN.
 */
export function requireLabelled(labels: Labels, scores: Scores, what: string): Uint8Array {
  if (labels.length !== scores.length) {
    throw new SurprisalError(
      `${what}: ${labels.length} labels and ${scores.length} scores; give one label for every score`,
    );
  }
  requireScores(scores, what);
  const isAnomaly = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const label = Number(labels[row]);
    if (label !== 0 && label !== 1) {
      throw new SurprisalError(
        `${what}: the label of row ${row} is ${String(labels[row])}; labels are 1 (anomaly) or 0 (normal)`,
      );
    }
    isAnomaly[row] = label;
  }
  return isAnomaly;
}

/**
 * The ranking of labelled scores, in O(n log n). Throws a `SurprisalError` as `requireLabelled`
 * does, and where only one class is present.
 */
export function rank(labels: Labels, scores: Scores, what: string): Ranking {
  const isAnomaly = requireLabelled(labels, scores, what);
  const rows = isAnomaly.length;
  let positives = 0;
  for (let row = 0; row < rows; row++) positives += isAnomaly[row]!;
  const negatives = rows - positives;
  if (positives === 0 || negatives === 0) {
    throw new SurprisalError(
      `${what}: of ${rows} labels ${positives} are anomalies and ${negatives} normal; both classes are needed`,
    );
  }

  // Sorting each class by value and merging spares an index sort with a comparator.
  const anomalous = new Float64Array(positives);
  const normal = new Float64Array(negatives);
  for (let row = 0, a = 0, b = 0; row < rows; row++) {
    if (isAnomaly[row]) anomalous[a++] = scores[row]!;
    else normal[b++] = scores[row]!;
  }
  anomalous.sort();
  normal.sort();

  const thresholds = new Float64Array(rows);
  const truePositives = new Float64Array(rows);
  const falsePositives = new Float64Array(rows);
  let distinct = 0;
  let a = positives - 1;
  let b = negatives - 1;
  while (a >= 0 || b >= 0) {
    const threshold = a < 0 ? normal[b]! : b < 0 ? anomalous[a]! : Math.max(anomalous[a]!, normal[b]!);
    while (a >= 0 && anomalous[a] === threshold) a--;
    while (b >= 0 && normal[b] === threshold) b--;
    thresholds[distinct] = threshold;
    truePositives[distinct] = positives - 1 - a;
    falsePositives[distinct] = negatives - 1 - b;
    distinct++;
  }
  return {
    thresholds: thresholds.subarray(0, distinct),
    truePositives: truePositives.subarray(0, distinct),
    falsePositives: falsePositives.subarray(0, distinct),
    positives,
    negatives,
  };
}
