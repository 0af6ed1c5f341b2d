import { SurprisalError } from "../errors.js";

/**
 * Reorders `values` so that the one at `place` is what sorting would put there, with none larger
 * before it and none smaller after it (Hoare 1961): on average in linear time.
 */
function select(values: Float64Array, place: number): void {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    // The median of three keeps sorted columns linear.
    const a = values[first]!;
    const b = values[(first + last) >> 1]!;
    const c = values[last]!;
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let low = first;
    let high = last;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const value = values[low]!;
      values[low++] = values[high]!;
      values[high--] = value;
    }
    if (place <= high) last = high;
    else if (place >= low) first = low;
    else return;
  }
}

/**
 * The `probability` quantile (0 to 1) of values in any order, none of them NaN, interpolated
 * linearly between neighbours: numpy's default, type 7 of Hyndman & Fan 1996.
 *
 * Throws a `SurprisalError` where there is no value or the probability is out of range.
 */
export function quantile(values: ArrayLike<number>, probability: number): number {
  if (values.length === 0) throw new SurprisalError("quantile: there are no values");
  if (!(probability >= 0 && probability <= 1)) {
    throw new SurprisalError(`quantile: probability is ${probability}; it must be in [0, 1]`);
  }
  const copy = new Float64Array(values);
  const position = probability * (copy.length - 1);
  const below = Math.floor(position);
  select(copy, below);
  const lower = copy[below]!;
  if (position === below) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let i = below + 1; i < copy.length; i++) upper = Math.min(upper, copy[i]!);
  // Equal neighbours, infinite ones too, need no interpolation.
  return lower === upper ? lower : lower + (position - below) * (upper - lower);
}
