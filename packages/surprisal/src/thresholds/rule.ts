import { SurprisalError } from "../errors.js";
import type { Labels, Scores } from "../metrics/index.js";

/**
 * How a threshold is chosen, as plain data.
 * - `contamination`: about `fraction` (in (0, 0.5]) of the training scores lie above it.
 * - `falsePositiveRate`: a fresh normal row is flagged with probability at most `rate` (in (0, 1)),
 *   by the split-conformal rank of held-out calibration scores.
 * - `bestF1`: the highest F1 on labelled validation scores.
 * - `value`: a number given by the user.
 */
export type ThresholdRule =
  | { readonly rule: "contamination"; readonly fraction: number }
  | { readonly rule: "falsePositiveRate"; readonly rate: number }
  | { readonly rule: "bestF1" }
  | { readonly rule: "value"; readonly value: number };

/** The scores a rule may draw on, as the graph outputs them. */
export interface ThresholdScores {
  readonly training?: Scores;
  /** Scores of normal rows that the detector was not fitted on. */
  readonly calibration?: Scores;
  readonly validation?: { readonly scores: Scores; readonly labels: Labels };
}

export interface FittedThreshold {
  /**
   * Rows with score > threshold are flagged. A float32 except under `value`, which is as given:
   * `floorFloat32` makes it one without changing any verdict on float32 scores.
   */
  readonly threshold: number;
  readonly rule: ThresholdRule;
  /** How many scores the rule drew on; 0 under `value`. */
  readonly rows: number;
  /** The share of those scores above the threshold; undefined under `value`. */
  readonly fractionAbove?: number;
}

/** One rule: what it checks in its options and how it finds its threshold. */
export interface ThresholdMethod<R extends ThresholdRule = ThresholdRule> {
  /** Names of its options, beside `rule`. */
  readonly options: readonly string[];
  /** Throws a `SurprisalError` where an option is out of range. */
  readonly validate: (rule: R) => void;
  /** Throws a `SurprisalError` where the scores it needs are missing or too few. */
  readonly fit: (rule: R, scores: ThresholdScores) => { threshold: number; scores: Scores };
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
