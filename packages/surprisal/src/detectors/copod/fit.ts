import { fitTails, type Tails } from "../../empirical/index.js";

/**
 * COPOD (Li et al. 2020): a column's contribution is the larger of the mean of its two tails,
 * (-log F(x) - log(1 - F(x))) / 2 with x itself counted on both sides, and of the tail that the
 * sign of the skewness points to. Where the skewness is exactly 0 the latter is the sum of both, as
 * in PyOD.
 *
 * A training row has the score that PyOD gives it in `decision_scores_`, and a row's score never
 * depends on the rows scored with it. Errors are those of `fitTails`.
 */
export function fitCopod<Values extends Float32Array | Float64Array>(
  rows: Values,
  columns: number,
): Tails<Values> {
  return fitTails(rows, columns, (left, right, skewness) => {
    if (skewness === 0) return left + right;
    return Math.max(skewness > 0 ? right : left, (left + right) / 2);
  });
}
