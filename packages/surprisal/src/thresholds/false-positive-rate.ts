import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { requireSome, type ThresholdMethod, type ThresholdRule } from "./rule.js";

/**
 * The threshold that flags exactly the rows whose split-conformal p-value,
 * (1 + #{calibration ≥ s}) / (n + 1), is at most the rate. If calibration rows and a fresh normal
 * row are exchangeable, it is flagged with probability at most the rate (Vovk, Gammerman & Shafer
 * 2005; Bates et al. 2023).
 */
export const falsePositiveRate: ThresholdMethod<Extract<ThresholdRule, { rule: "falsePositiveRate" }>> = {
  options: ["rate"],
  validate({ rate }) {
    if (!(rate > 0 && rate < 1)) {
      throw new SurprisalError(`threshold rule "falsePositiveRate": rate is ${rate}; it must be in (0, 1)`);
    }
  },
  fit({ rate }, { calibration }) {
    const scores = requireSome(calibration, "falsePositiveRate", "calibration");
    const rows = scores.length;
    const needed = Math.ceil(1 / rate - 1);
    if (1 / (rows + 1) > rate) {
      throw new SurprisalError(
        `threshold rule "falsePositiveRate": a rate of ${rate} needs at least ${needed} calibration scores, ` +
          `got ${rows}; hold out more rows or raise the rate`,
      );
    }
    // A row is flagged where at most `above` calibration scores reach it.
    let above = Math.floor(rate * (rows + 1)) - 1;
    if ((above + 2) / (rows + 1) <= rate) above++;
    else if ((above + 1) / (rows + 1) > rate) above--;
    const sorted = Float64Array.from(scores).sort();
    return { threshold: floorFloat32(sorted[rows - 1 - above]!), scores };
  },
};
