export { fitThreshold, thresholdRules, validateThresholdRule } from "./fit-threshold.js";
export { quantile } from "./quantile.js";
export type { FittedThreshold, ThresholdRule, ThresholdScores } from "./rule.js";
