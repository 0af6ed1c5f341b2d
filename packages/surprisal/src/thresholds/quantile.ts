import { SurprisalError } from "../errors.js";

/**
 * The `probability` quantile (0 to 1) of values in any order, interpolated linearly between
 * neighbours: numpy's default, type 7 of Hyndman & Fan 1996.
 *
 * Throws a `SurprisalError` where there is no value or the probability is out of range.
 */
export function quantile(values: ArrayLike<number>, probability: number): number {
  if (values.length === 0) throw new SurprisalError("quantile: there are no values");
  if (!(probability >= 0 && probability <= 1)) {
    throw new SurprisalError(`quantile: probability is ${probability}; it must be in [0, 1]`);
  }
  const sorted = Float64Array.from(values).sort();
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // Equal neighbours, infinite ones too, need no interpolation.
  return lower === upper || position === below ? lower : lower + (position - below) * (upper - lower);
}
