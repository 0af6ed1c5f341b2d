import { SurprisalError } from "../errors.js";
import { floorFloat32, LARGEST_FLOAT32 } from "../numeric/index.js";

/** A score as the table holds it: infinite ones are as surprising as the largest finite one. */
const toFinite = (score: number): number =>
  Math.fround(Math.min(LARGEST_FLOAT32, Math.max(-LARGEST_FLOAT32, score)));

/**
 * A step function from a score to its split-conformal p-value. A score with `position` entries of
 * `scores` strictly below it has the p-value `pValues[position]`.
 */
export interface ConformalTable {
  /** The distinct calibration scores, rising: m of them. */
  readonly scores: Float32Array;
  /** m + 1 p-values, falling, each in (0, 1]. Rounded down, so that p ≤ α holds in float32 where it holds in fact. */
  readonly pValues: Float32Array;
  /** The number of calibration scores, n; no p-value is smaller than 1 / (n + 1). */
  readonly rows: number;
}

/**
 * The table of p(s) = (1 + #{calibration ≥ s}) / (n + 1), from the scores of rows that the detector
 * was not fitted on. If those and a fresh normal row are exchangeable, P(p ≤ α) ≤ α for every α
 * (Vovk, Gammerman & Shafer 2005, proposition 2.4). Ties count against significance, so p stays
 * valid where scores repeat.
 *
 * Scores are compared as float32, which is what a graph outputs; others are rounded to it first, infinite
 * ones to the largest.
 *
 * Throws a `SurprisalError` where there is no score or one is NaN.
 */
export function conformalTable(calibration: ArrayLike<number>): ConformalTable {
  const rows = calibration.length;
  if (rows === 0)
    throw new SurprisalError("conformalTable: there are no calibration scores; hold out some rows");
  const sorted = Float32Array.from(calibration, toFinite).sort();
  // NaN sorts to the end.
  if (Number.isNaN(sorted[rows - 1])) {
    const row = Array.prototype.findIndex.call(calibration, Number.isNaN);
    throw new SurprisalError(`conformalTable: the calibration score of row ${row} is NaN`);
  }
  const scores = new Float32Array(rows);
  const pValues = new Float32Array(rows + 1);
  let distinct = 0;
  for (let i = 0; i < rows; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    scores[distinct] = sorted[i]!;
    pValues[distinct] = floorFloat32((1 + rows - i) / (rows + 1));
    distinct++;
  }
  pValues[distinct] = floorFloat32(1 / (rows + 1));
  return { scores: scores.slice(0, distinct), pValues: pValues.slice(0, distinct + 1), rows };
}

/** The p-value of every score, [n] to [n]; the same numbers as the graph's. NaN stays NaN. */
export function conformalPValues(scores: ArrayLike<number>, table: ConformalTable): Float32Array {
  const pValues = new Float32Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const score = toFinite(scores[row]!);
    let low = 0;
    let high = table.scores.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table.scores[middle]! < score) low = middle + 1;
      else high = middle;
    }
    pValues[row] = Number.isNaN(score) ? Number.NaN : table.pValues[low]!;
  }
  return pValues;
}
