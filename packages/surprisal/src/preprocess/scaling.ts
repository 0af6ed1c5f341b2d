import { quantile } from "../thresholds/index.js";

/** How numeric columns are scaled; see {@link fitScaling}. */
export type ScalingName = "standard" | "minMax" | "robust" | "none";

/** A column is mapped to (x - center) / scale. */
export interface Scaling {
  readonly center: number;
  readonly scale: number;
}

function meanAndDeviation(values: Float64Array): Scaling {
  let peak = 0;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i]!));
  // Divided by the largest magnitude, so that neither 1e200 nor 1e-200 leaves the range.
  const unit = peak === 0 ? 1 : 1 / peak;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]! * unit;
  const mean = total / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = values[i]! * unit - mean;
    squares += deviation * deviation;
  }
  return { center: mean / unit, scale: Math.sqrt(squares / values.length) / unit };
}

/**
 * The scaling of one column, learned from its values (none missing):
 * `standard` has mean 0 and population deviation 1, `minMax` runs from 0 to 1, `robust` has
 * median 0 and inter-quartile range 1. A constant column, for which the divisor would be 0 (or
 * rounding noise), keeps scale 1.
 */
export function fitScaling(values: Float64Array, name: ScalingName): Scaling {
  if (name === "none" || values.length === 0) return { center: 0, scale: 1 };
  let scaling: Scaling;
  if (name === "standard") {
    scaling = meanAndDeviation(values);
  } else {
    const [low, high] = name === "minMax" ? [0, 1] : [0.25, 0.75];
    const from = quantile(values, low);
    scaling = {
      center: name === "minMax" ? from : quantile(values, 0.5),
      scale: quantile(values, high) - from,
    };
    // More than half of the rows are equal: the inter-quartile range says nothing of the others.
    if (name === "robust" && scaling.scale === 0)
      scaling = { ...scaling, scale: meanAndDeviation(values).scale };
  }
  const rounding = 1e-12 * Math.abs(scaling.center);
  return scaling.scale > rounding ? scaling : { center: scaling.center, scale: 1 };
}
