import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { bestF1 } from "./best-f1.js";
import { contamination } from "./contamination.js";
import { cost } from "./cost.js";
import { extremeValue } from "./extreme-value.js";
import { falsePositiveRate } from "./false-positive-rate.js";
import { interquartile } from "./interquartile.js";
import { medianAbsoluteDeviation } from "./median-absolute-deviation.js";
import { medianKnee } from "./median-knee.js";
import type { ThresholdMethod, ThresholdScores, ThresholdSource } from "./rule.js";
import { value } from "./value.js";

const methods = {
  contamination,
  falsePositiveRate,
  extremeValue,
  interquartile,
  medianAbsoluteDeviation,
  medianKnee,
  bestF1,
  cost,
  value,
} as const;

type Methods = typeof methods;
export type ThresholdRuleName = keyof Methods;

/**
 * How a threshold is chosen, as plain data. Reference scores are those of held-out calibration rows,
 * or of the training rows where none are held out.
 * - `contamination`: about `fraction` (in (0, 0.5]) of the training scores lie above it.
 * - `falsePositiveRate`: a fresh normal row is flagged with probability at most `rate` (in (0, 1)),
 *   by the split-conformal rank of held-out calibration scores.
 * - `extremeValue`: a row is flagged with probability `risk`, by a generalized Pareto tail fitted to
 *   the reference scores above their `level` quantile.
 * - `interquartile`: the third quartile of the reference scores and `factor` interquartile ranges.
 * - `medianAbsoluteDeviation`: the median of the reference scores and `factor` robust deviations.
 * - `medianKnee`: the knee of the sorted reference scores above their median.
 * - `bestF1`: the highest F1 on labelled validation scores.
 * - `cost`: the lowest mean cost on labelled validation scores, from the costs of the four outcomes.
 * - `value`: a number given by the user.
 */
export type ThresholdRule = {
  [Name in ThresholdRuleName]: z.input<Methods[Name]["schema"]>;
}[ThresholdRuleName];

/** A rule with every default filled in. */
export type CompleteThresholdRule = {
  [Name in ThresholdRuleName]: z.output<Methods[Name]["schema"]>;
}[ThresholdRuleName];

/** The names of the rules there are. */
export const thresholdRules = Object.keys(methods) as readonly ThresholdRuleName[];

/** The schema of every rule; unknown rules and options are refused. */
export const thresholdRule = z.discriminatedUnion("rule", [
  contamination.schema,
  falsePositiveRate.schema,
  extremeValue.schema,
  interquartile.schema,
  medianAbsoluteDeviation.schema,
  medianKnee.schema,
  bestF1.schema,
  cost.schema,
  value.schema,
]);

export interface FittedThreshold {
  /**
   * Rows with score > threshold are flagged. A float32 except under `value`, which is as given:
   * `floorFloat32` makes it one without changing any verdict on float32 scores.
   */
  readonly threshold: number;
  readonly rule: CompleteThresholdRule;
  /** How many scores the rule drew on; 0 under `value`. */
  readonly rows: number;
  /** The share of those scores above the threshold; undefined under `value`. */
  readonly fractionAbove?: number;
}

function describeIssue(rule: unknown, issue: z.core.$ZodIssue): string {
  const name = (rule as { rule?: unknown } | null | undefined)?.rule;
  if (!thresholdRules.includes(name as ThresholdRuleName)) {
    return `unknown threshold rule ${JSON.stringify(name)}; choose ${thresholdRules.join(", ")}`;
  }
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(methods[name as ThresholdRuleName].schema.shape).filter(
      (key) => key !== "rule",
    );
    const hint = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes none";
    return `threshold rule "${name}" has no option "${issue.keys.join('", "')}"; ${hint}`;
  }
  return `threshold rule "${name}": ${issue.path.join(".")}: ${issue.message}`;
}

/**
 * The rule with its defaults, checked before anything slow is done with it. Throws a `SurprisalError` that names an
 * unknown rule, an unknown option or an option out of range.
 */
export function validateThresholdRule(rule: unknown): CompleteThresholdRule {
  const parsed = thresholdRule.safeParse(rule);
  if (!parsed.success) throw new SurprisalError(describeIssue(rule, parsed.error.issues[0]!));
  return parsed.data;
}

/** Which scores a rule draws on, given how many calibration rows there are. */
export function thresholdSource(
  rule: ThresholdRuleName,
  calibrationRows: number,
): Exclude<ThresholdSource, "reference"> {
  const { source } = methods[rule];
  if (source !== "reference") return source;
  return calibrationRows > 0 ? "calibration" : "training";
}

/**
 * Finds the threshold of a rule from the scores it draws on.
 *
 * Throws a `SurprisalError` as `validateThresholdRule` does, and where the scores the rule needs
 * are missing, too few, or NaN.
 */
export function fitThreshold(rule: ThresholdRule, scores: ThresholdScores): FittedThreshold {
  const valid = validateThresholdRule(rule);
  const method = methods[valid.rule] as unknown as ThresholdMethod<ThresholdRuleName, CompleteThresholdRule>;
  const { threshold, scores: used } = method.fit(valid, scores);
  if (Number.isNaN(threshold)) {
    throw new SurprisalError(`threshold rule "${valid.rule}": the scores are infinite; choose another rule`);
  }
  if (used.length === 0) return { threshold, rule: valid, rows: 0 };
  let above = 0;
  for (let row = 0; row < used.length; row++) if (used[row]! > threshold) above++;
  return { threshold, rule: valid, rows: used.length, fractionAbove: above / used.length };
}
