export {
  type CompleteThresholdRule,
  type FittedThreshold,
  fitThreshold,
  type ThresholdRule,
  type ThresholdRuleName,
  thresholdRule,
  thresholdRules,
  thresholdSource,
  validateThresholdRule,
} from "./fit-threshold.js";
export { quantile } from "./quantile.js";
export type { ThresholdScores } from "./rule.js";
