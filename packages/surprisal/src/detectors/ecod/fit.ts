import { fitTails, type Tails } from "../../empirical/index.js";

/**
 * ECOD (Li et al. 2022): a column's contribution is how deep a value lies in a tail of the
 * column's empirical distribution, -log F(x) on the left or -log(1 - F(x)) with x itself counted on
 * the right; the larger of the two, and of the tail that the sign of the skewness points to. Where
 * the skewness is exactly 0 that third term is the sum of both, as in PyOD; otherwise it is one of
 * the two.
 *
 * A training row has the score that PyOD gives it in `decision_scores_`, and a row's score never
 * depends on the rows scored with it. Errors are those of `fitTails`.
 */
export function fitEcod<Values extends Float32Array | Float64Array>(
  rows: Values,
  columns: number,
): Tails<Values> {
  return fitTails(rows, columns, (left, right, skewness) =>
    skewness === 0 ? left + right : Math.max(left, right),
  );
}
