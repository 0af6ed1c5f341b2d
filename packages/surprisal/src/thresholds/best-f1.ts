import { SurprisalError } from "../errors.js";
import { bestF1Threshold } from "../metrics/index.js";
import { floorFloat32 } from "../numeric/index.js";
import type { ThresholdMethod, ThresholdRule } from "./rule.js";

/** The threshold with the highest F1 on labelled validation scores; see `bestF1Threshold`. */
export const bestF1: ThresholdMethod<Extract<ThresholdRule, { rule: "bestF1" }>> = {
  options: [],
  validate() {},
  fit(_, { validation }) {
    if (validation === undefined) {
      throw new SurprisalError(
        'threshold rule "bestF1" needs labelled validation scores, and there are none',
      );
    }
    const { threshold } = bestF1Threshold(validation.labels, validation.scores);
    return { threshold: floorFloat32(threshold), scores: validation.scores };
  },
};
