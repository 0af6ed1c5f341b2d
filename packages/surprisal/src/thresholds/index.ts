export {
  type FittedThreshold,
  fitThreshold,
  type ThresholdRule,
  type ThresholdRuleName,
  thresholdRule,
  thresholdRules,
  validateThresholdRule,
} from "./fit-threshold.js";
export { quantile } from "./quantile.js";
export type { ThresholdScores } from "./rule.js";
