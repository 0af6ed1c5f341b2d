import { SurprisalError } from "../../errors.js";
import { skewnessSigns } from "./skewness.js";

/**
 * The training distribution of every column, as a step function. With m distinct training values
 * (knots) in a column there are 2m + 1 steps: below the first knot, at it, between it and the next,
 * and so on, up to above the last. The columns' tables lie one after the other.
 */
export interface Ecod<Values extends Float32Array | Float64Array = Float32Array | Float64Array> {
  /** Distinct training values of the columns, rising within a column. */
  readonly knots: Values;
  /** The number of knots of each column. */
  readonly knotCounts: Int32Array;
  /** What a value on each step adds to the score, in nats, ≥ 0. */
  readonly contributions: Float32Array;
  /** The number of training rows. */
  readonly rows: number;
}

/**
 * ECOD (Li et al. 2022): a column's contribution is how deep a value lies in a tail of the
 * column's empirical distribution, -log F(x) on the left or -log(1 - F(x)) with x itself counted on
 * the right; the larger of the two, and of the tail that the sign of the skewness points to. Where
 * the skewness is exactly 0 that third term is the sum of both, as in PyOD; otherwise it is one of
 * the two.
 *
 * Tails are k/n with k the training values at or beyond x, so that a training row has the score
 * that PyOD gives it in `decision_scores_`. Beyond the last training value, k = 0, the tail is
 * 1/(n + 1): what it would be if the row were added alone, and less than any training row's. A
 * row's score thus never depends on the rows scored with it.
 *
 * `rows` is [n, columns], row-major and finite; in float64 knots are float64 and compare as such.
 * Throws a `SurprisalError` where there are no rows, or a value is not finite.
 */
export function fitEcod<Values extends Float32Array | Float64Array>(
  rows: Values,
  columns: number,
): Ecod<Values> {
  const count = rows.length / columns;
  if (!(count >= 1)) throw new SurprisalError("ecod: there are no rows with a feature to learn from");
  const skewness = skewnessSigns(rows, columns);

  // -log(k / n), with k = 0 for a value beyond all training values.
  const surprise = Float64Array.from({ length: count + 1 }, (_, k) => -Math.log(k / count));
  surprise[0] = Math.log(count + 1);
  surprise[count] = 0;

  const knots = rows.slice() as Values;
  const contributions = new Float32Array(2 * rows.length + columns);
  const knotCounts = new Int32Array(columns);
  const sorted = rows.slice(0, count);
  let knot = 0;
  let step = 0;

  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < count; row++) {
      const value = rows[row * columns + column]!;
      if (!Number.isFinite(value)) {
        throw new SurprisalError(
          `ecod: feature ${column} of row ${row} is ${value}; impute or remove the row`,
        );
      }
      sorted[row] = value;
    }
    sorted.sort();

    const combine = (atOrBelow: number, atOrAbove: number) => {
      const left = surprise[atOrBelow]!;
      const right = surprise[atOrAbove]!;
      return skewness[column] === 0 ? left + right : Math.max(left, right);
    };
    const first = knot;
    contributions[step++] = combine(0, count);
    for (let start = 0, end = 0; start < count; start = end) {
      const value = sorted[start]!;
      while (end < count && sorted[end] === value) end++;
      knots[knot++] = value;
      contributions[step++] = combine(end, count - start);
      contributions[step++] = combine(end, count - end);
    }
    knotCounts[column] = knot - first;
  }
  return {
    knots: knots.slice(0, knot) as Values,
    knotCounts,
    contributions: contributions.slice(0, step),
    rows: count,
  };
}
