import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { quantile } from "./quantile.js";
import { requireSome, type ThresholdMethod, type ThresholdRule } from "./rule.js";

/**
 * The 1 - fraction quantile of the training scores, as scikit-learn and PyOD choose it. Of n scores
 * without ties ⌈fraction · (n - 1)⌉ lie above.
 */
export const contamination: ThresholdMethod<Extract<ThresholdRule, { rule: "contamination" }>> = {
  options: ["fraction"],
  validate({ fraction }) {
    if (!(fraction > 0 && fraction <= 0.5)) {
      throw new SurprisalError(
        `threshold rule "contamination": fraction is ${fraction}; it must be in (0, 0.5]`,
      );
    }
  },
  fit({ fraction }, { training }) {
    const scores = requireSome(training, "contamination", "training");
    return { threshold: floorFloat32(quantile(scores, 1 - fraction)), scores };
  },
};
