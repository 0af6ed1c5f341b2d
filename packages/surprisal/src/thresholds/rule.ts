import type { z } from "zod";
import { SurprisalError } from "../errors.js";
import type { Labels, Scores } from "../metrics/index.js";

/** The scores a rule may draw on, as the graph outputs them. */
export interface ThresholdScores {
  readonly training?: Scores | undefined;
  /** Scores of normal rows that the detector was not fitted on. */
  readonly calibration?: Scores | undefined;
  readonly validation?: { readonly scores: Scores; readonly labels: Labels } | undefined;
}

/**
 * Which scores a rule draws on. `reference`: those of calibration rows, and those of training rows
 * where none are held out. A detector may score the rows it learned from lower than others, so that
 * held-out rows say more of fresh ones.
 */
export type ThresholdSource = "training" | "calibration" | "reference" | "validation" | "none";

/** One rule: its options as plain data, and how it finds its threshold. */
export interface ThresholdMethod<Name extends string, Rule extends { rule: Name }> {
  readonly schema: z.ZodObject & z.ZodType<Rule>;
  readonly source: ThresholdSource;
  /** Throws a `SurprisalError` where the scores it needs are missing or too few. */
  readonly fit: (rule: Rule, scores: ThresholdScores) => { threshold: number; scores: Scores };
}

/** The scores, or a `SurprisalError` that says which are missing. NaN is refused. */
export function requireSome(scores: Scores | undefined, rule: string, which: string): Scores {
  if (scores === undefined || scores.length === 0) {
    throw new SurprisalError(`threshold rule "${rule}" needs ${which} scores, and there are none`);
  }
  for (let row = 0; row < scores.length; row++) {
    if (Number.isNaN(scores[row])) {
      throw new SurprisalError(`threshold rule "${rule}": the ${which} score of row ${row} is NaN`);
    }
  }
  return scores;
}

/** The scores of source `reference`, or a `SurprisalError` where there are none, or one is not finite. */
export function requireReference({ training, calibration }: ThresholdScores, rule: string): Scores {
  const isHeldOut = calibration !== undefined && calibration.length > 0;
  const which = isHeldOut ? "calibration" : "training";
  const scores = requireSome(isHeldOut ? calibration : training, rule, which);
  for (let row = 0; row < scores.length; row++) {
    if (!Number.isFinite(scores[row])) {
      throw new SurprisalError(`threshold rule "${rule}": the ${which} score of row ${row} is not finite`);
    }
  }
  return scores;
}

/** The labelled scores, or a `SurprisalError` that says they are missing. */
export function requireValidation({ validation }: ThresholdScores, rule: string) {
  if (validation === undefined) {
    throw new SurprisalError(`threshold rule "${rule}" needs labelled validation scores, and there are none`);
  }
  return validation;
}
