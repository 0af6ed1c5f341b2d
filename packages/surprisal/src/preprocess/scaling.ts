import { quantile } from "../thresholds/index.js";

/** How numeric columns are scaled; see {@link fitScaling}. */
export type ScalingName = "standard" | "minMax" | "robust" | "none";

/** A column is mapped to (x - center) / scale. */
export interface Scaling {
  readonly center: number;
  readonly scale: number;
}

function meanAndDeviation(values: Float64Array): Scaling {
  // Scaled by the largest magnitude first, so that neither 1e200 nor 1e-200 leaves the range.
  const peak = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const delta = values[i]! / peak - mean;
    mean += delta / (i + 1);
    squares += delta * (values[i]! / peak - mean);
  }
  return { center: mean * peak, scale: Math.sqrt(squares / values.length) * peak };
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
