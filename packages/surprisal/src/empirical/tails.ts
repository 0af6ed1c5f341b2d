import { SurprisalError } from "../errors.js";
import { skewnessSigns } from "./skewness.js";
import type { StepFunctions } from "./step-functions.js";

/**
 * What a value adds to a score, from the surprise -log P of the training values at or below it
 * (`left`), of those at or above it (`right`), and the sign of the column's skewness.
 */
export type CombineTails = (left: number, right: number, skewness: number) => number;

/** The combined tails of every column; `steps` for `pointStepValues`, in nats, ≥ 0. */
export interface Tails<Values extends Float32Array | Float64Array = Float32Array | Float64Array>
  extends StepFunctions<Values> {
  /** The number of training rows. */
  readonly rows: number;
}

/**
 * The tails of every column's empirical distribution as a step function of the value: between two
 * training values nothing changes.
 *
 * A tail is k/n with k the training values at or beyond x. Beyond the last training value, k = 0, it
 * is 1/(n + 1): what it would be if the row were added alone, and less than any training row's.
 *
 * `rows` is [n, columns], row-major and finite; in float64 knots are float64 and compare as such.
 * Throws a `SurprisalError` where there are no rows, or a value is not finite.
 */
export function fitTails<Values extends Float32Array | Float64Array>(
  rows: Values,
  columns: number,
  combineTails: CombineTails,
): Tails<Values> {
  const count = rows.length / columns;
  if (!(count >= 1)) throw new SurprisalError("there are no rows with a feature to learn from");
  const skewness = skewnessSigns(rows, columns);

  // -log(k / n), with k = 0 for a value beyond all training values.
  const surprise = Float64Array.from({ length: count + 1 }, (_, k) => -Math.log(k / count));
  surprise[0] = Math.log(count + 1);
  surprise[count] = 0;

  const knots = rows.slice() as Values;
  const steps = new Float32Array(2 * rows.length + columns);
  const knotCounts = new Int32Array(columns);
  const sorted = rows.slice(0, count);
  let knot = 0;
  let step = 0;

  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < count; row++) {
      const value = rows[row * columns + column]!;
      if (!Number.isFinite(value)) {
        throw new SurprisalError(`feature ${column} of row ${row} is ${value}; impute or remove the row`);
      }
      sorted[row] = value;
    }
    sorted.sort();

    const sign = skewness[column]!;
    const combine = (atOrBelow: number, atOrAbove: number) =>
      combineTails(surprise[atOrBelow]!, surprise[atOrAbove]!, sign);
    const first = knot;
    steps[step++] = combine(0, count);
    for (let start = 0, end = 0; start < count; start = end) {
      const value = sorted[start]!;
      while (end < count && sorted[end] === value) end++;
      knots[knot++] = value;
      steps[step++] = combine(end, count - start);
      steps[step++] = combine(end, count - end);
    }
    knotCounts[column] = knot - first;
  }
  return {
    knots: knots.slice(0, knot) as Values,
    knotCounts,
    steps: steps.slice(0, step),
    rows: count,
  };
}
