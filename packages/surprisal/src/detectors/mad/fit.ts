import { SurprisalError } from "../../errors.js";
import { quantile } from "../../thresholds/index.js";

/** What every column is measured by. */
export interface MedianDeviations {
  readonly medians: Float64Array;
  /** A deviation from the median is divided by it, > 0. */
  readonly scales: Float64Array;
}

/** The 0.75 quantile of the standard normal distribution, as Iglewicz & Hoaglin and PyOD round it. */
const NORMAL_MAD = 0.6745;

/** The mean absolute deviation of the standard normal distribution, √(2/π). */
const NORMAL_MEAN_DEVIATION = Math.sqrt(2 / Math.PI);

/** Part of a constant column's magnitude that counts as its deviation. */
const CONSTANT = 1e-10;

/**
 * Median and median absolute deviation of each column, the latter in units of a normal
 * distribution's deviation (Iglewicz & Hoaglin 1993). Where more than half of a column's values are
 * equal, the mean absolute deviation takes its place, and in a constant column 1e-10 of the value
 * (of 1 where the value is 0).
 *
 * `rows` is [n, columns], row-major and finite. Throws a `SurprisalError` where there are none.
 */
export function fitMad(rows: Float64Array, columns: number): MedianDeviations {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 1)) throw new SurprisalError("mad: there are no rows with a feature to learn from");
  const medians = new Float64Array(columns);
  const scales = new Float64Array(columns);
  const values = new Float64Array(count);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < count; row++) values[row] = rows[row * columns + column]!;
    const median = quantile(values, 0.5);
    let total = 0;
    for (let row = 0; row < count; row++) {
      values[row] = Math.abs(values[row]! - median);
      // Divided first: the sum of 1e308s is not a number that can be held.
      total += values[row]! / count;
    }
    const least = CONSTANT * (Math.abs(median) || 1);
    const deviation = quantile(values, 0.5) / NORMAL_MAD || total / NORMAL_MEAN_DEVIATION;
    medians[column] = median;
    scales[column] = deviation > 0 ? deviation : least;
  }
  return { medians, scales };
}
