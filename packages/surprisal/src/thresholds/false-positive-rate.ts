import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { requireSome, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({
  rule: z.literal("falsePositiveRate"),
  rate: z.number().gt(0).lt(1).describe("Largest probability that a normal row is flagged, in (0, 1)."),
});

/**
 * The threshold that flags exactly the rows whose split-conformal p-value,
 * (1 + #{calibration ≥ s}) / (n + 1), is at most the rate. If calibration rows and a fresh normal
 * row are exchangeable, it is flagged with probability at most the rate (Vovk, Gammerman & Shafer
 * 2005; Bates et al. 2023).
 */
export const falsePositiveRate = {
  schema,
  source: "calibration",
  fit({ rate }: z.output<typeof schema>, { calibration }: ThresholdScores) {
    const scores = requireSome(calibration, "falsePositiveRate", "calibration");
    const rows = scores.length;
    if (1 / (rows + 1) > rate) {
      throw new SurprisalError(
        `threshold rule "falsePositiveRate": a rate of ${rate} needs at least ${Math.ceil(1 / rate - 1)} ` +
          `calibration scores, got ${rows}; hold out more rows or raise the rate`,
      );
    }
    // A row is flagged where at most `above` calibration scores reach it: the largest count with
    // (above + 1) / (rows + 1) ≤ rate, which rounding may move by one.
    let above = Math.floor(rate * (rows + 1)) - 1;
    if ((above + 2) / (rows + 1) <= rate) above++;
    else if ((above + 1) / (rows + 1) > rate) above--;
    const sorted = Float64Array.from(scores).sort();
    return { threshold: floorFloat32(sorted[rows - 1 - above]!), scores };
  },
} as const;
