import { SurprisalError } from "../errors.js";
import type { ThresholdMethod, ThresholdRule } from "./rule.js";

/** A threshold given by the user. */
export const value: ThresholdMethod<Extract<ThresholdRule, { rule: "value" }>> = {
  options: ["value"],
  validate({ value: threshold }) {
    if (typeof threshold !== "number" || !Number.isFinite(threshold)) {
      throw new SurprisalError(
        `threshold rule "value": value is ${String(threshold)}; it must be a finite number`,
      );
    }
  },
  fit({ value: threshold }) {
    return { threshold, scores: [] };
  },
};
