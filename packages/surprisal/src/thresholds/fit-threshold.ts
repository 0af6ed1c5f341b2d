import { SurprisalError } from "../errors.js";
import { bestF1 } from "./best-f1.js";
import { contamination } from "./contamination.js";
import { falsePositiveRate } from "./false-positive-rate.js";
import type { FittedThreshold, ThresholdMethod, ThresholdRule, ThresholdScores } from "./rule.js";
import { value } from "./value.js";

const methods: {
  readonly [R in ThresholdRule["rule"]]: ThresholdMethod<Extract<ThresholdRule, { rule: R }>>;
} = {
  contamination,
  falsePositiveRate,
  bestF1,
  value,
};

/** The names of the rules there are. */
export const thresholdRules = Object.keys(methods) as readonly ThresholdRule["rule"][];

function methodOf(rule: ThresholdRule): ThresholdMethod {
  const name: unknown = rule?.rule;
  if (typeof name !== "string" || !Object.hasOwn(methods, name)) {
    throw new SurprisalError(
      `unknown threshold rule ${JSON.stringify(name)}; choose ${thresholdRules.join(", ")}`,
    );
  }
  return methods[name as ThresholdRule["rule"]] as unknown as ThresholdMethod;
}

/**
 * Checks a rule before anything slow is done with it. Throws a `SurprisalError` that names an
 * unknown rule, an unknown option or an option out of range.
 */
export function validateThresholdRule(rule: ThresholdRule): void {
  const method = methodOf(rule);
  for (const option of Object.keys(rule)) {
    if (option !== "rule" && !method.options.includes(option)) {
      const known = method.options.length > 0 ? `it takes ${method.options.join(", ")}` : "it takes none";
      throw new SurprisalError(`threshold rule "${rule.rule}" has no option "${option}"; ${known}`);
    }
  }
  method.validate(rule);
}

/**
 * Finds the threshold of a rule from the scores it draws on.
 *
 * Throws a `SurprisalError` as `validateThresholdRule` does, and where the scores the rule needs
 * are missing, too few, or NaN.
 */
export function fitThreshold(rule: ThresholdRule, scores: ThresholdScores): FittedThreshold {
  validateThresholdRule(rule);
  const { threshold, scores: used } = methodOf(rule).fit(rule, scores);
  if (used.length === 0) return { threshold, rule, rows: 0 };
  let above = 0;
  for (let row = 0; row < used.length; row++) if (used[row]! > threshold) above++;
  return { threshold, rule, rows: used.length, fractionAbove: above / used.length };
}
