import type { OperatingPoints } from "./metrics-at.js";

/**
 * How fine the kept points lie: a point is kept when recall has moved by this share since the last
 * one, or the number of flagged rows by `flaggedStep` of itself.
 */
const recallStep = 1 / 2000;
const flaggedStep = 1 / 500;

/**
 * Counts of flagged rows at the distinct scores, falling, for the curves and the slider.
 *
 * Up to `limit` distinct scores all are kept. Beyond, points are left out, but every kept point
 * holds the exact counts over all rows: curves run through true points, and between two of them
 * recall is off by at most 0.05 % of the anomalies and the number of flagged rows (so precision and
 * the false-positive rate) by at most 0.2 % of itself. `exact` names thresholds at which the counts
 * stay exact.
 */
export function operatingPoints(
  scores: ArrayLike<number>,
  labels?: ArrayLike<number>,
  exact: readonly number[] = [],
  limit = 6000,
): OperatingPoints {
  const all = countsAtScores(scores, labels);
  const { length } = all.scores;
  if (length <= limit) return all;
  // A row is flagged above the threshold: its counts are those of the lowest score above it.
  const needed = new Set(exact.map((threshold) => lastAbove(all.scores, threshold)));
  const kept: number[] = [];
  let positives = -1;
  let flagged = -1;
  for (let i = 0; i < length; i++) {
    const truePositives = all.truePositives[i]!;
    const count = truePositives + all.falsePositives[i]!;
    const moved =
      truePositives - positives >= recallStep * all.positives && truePositives > positives
        ? true
        : count - flagged >= flaggedStep * flagged;
    if (moved || i === 0 || i === length - 1 || needed.has(i)) {
      kept.push(i);
      positives = truePositives;
      flagged = count;
    }
  }
  return {
    ...all,
    scores: Float64Array.from(kept, (i) => all.scores[i]!),
    truePositives: Uint32Array.from(kept, (i) => all.truePositives[i]!),
    falsePositives: Uint32Array.from(kept, (i) => all.falsePositives[i]!),
    distinct: length,
  };
}

function lastAbove(falling: Float64Array, threshold: number): number {
  let last = -1;
  while (last + 1 < falling.length && falling[last + 1]! > threshold) last++;
  return last;
}

function countsAtScores(scores: ArrayLike<number>, labels: ArrayLike<number> | undefined): OperatingPoints {
  const isAnomaly = (row: number) => labels !== undefined && labels[row] === 1;
  const rows = Float64Array.from(scores);
  const anomalous = rows
    .filter((_, row) => isAnomaly(row))
    .sort()
    .reverse();
  const normal = rows
    .filter((_, row) => !isAnomaly(row))
    .sort()
    .reverse();
  const values = [...new Set(rows.sort().reverse())];
  const truePositives = new Uint32Array(values.length);
  const falsePositives = new Uint32Array(values.length);
  let a = 0;
  let b = 0;
  values.forEach((value, i) => {
    while (a < anomalous.length && anomalous[a]! >= value) a++;
    while (b < normal.length && normal[b]! >= value) b++;
    truePositives[i] = a;
    falsePositives[i] = b;
  });
  return {
    scores: Float64Array.from(values),
    truePositives,
    falsePositives,
    positives: anomalous.length,
    negatives: normal.length,
    labelled: labels !== undefined,
    distinct: values.length,
  };
}
