/** How numeric columns are scaled; see {@link fitScaling}. */
export type ScalingName = "standard" | "minMax" | "robust" | "none";
