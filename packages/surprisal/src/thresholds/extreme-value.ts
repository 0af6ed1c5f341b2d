import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { fitGeneralizedPareto, floorFloat32 } from "../numeric/index.js";
import { quantile } from "./quantile.js";
import { requireReference, type ThresholdScores } from "./rule.js";

/** Fewer excesses say next to nothing of two parameters. */
const FEWEST_EXCESSES = 10;

const schema = z.strictObject({
  rule: z.literal("extremeValue"),
  risk: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(1e-3)
    .describe("Probability that a row like those of reference is flagged; less than 1 - level."),
  level: z
    .number()
    .min(0.5)
    .lt(1)
    .default(0.9)
    .describe("Quantile of the reference scores above which the tail is fitted, in [0.5, 1)."),
});

/**
 * Peaks over threshold (Pickands 1975; Siffer et al. 2017): a generalized Pareto distribution of
 * greatest likelihood for the excesses over u, the `level` quantile of the calibration scores (of
 * the training scores where no rows are held out), and the score that it exceeds with probability
 * `risk`,
 *
 *     z = u + (σ / ξ) [(N risk / N_u)^(-ξ) - 1],    u - σ log(N risk / N_u) for ξ = 0
 *
 * with N scores, N_u of them above u. It reaches beyond the largest score, so that risks far below
 * 1 / N can be asked for.
 */
export const extremeValue = {
  schema,
  source: "reference",
  fit({ risk, level }: z.output<typeof schema>, given: ThresholdScores) {
    const scores = requireReference(given, "extremeValue");
    const start = quantile(scores, level);
    const excesses = Array.from(scores)
      .filter((score) => score > start)
      .map((score) => score - start);
    if (excesses.length < FEWEST_EXCESSES) {
      throw new SurprisalError(
        `threshold rule "extremeValue": ${excesses.length} of ${scores.length} scores lie above the level ${level}; ` +
          `the tail needs ${FEWEST_EXCESSES}. Hold out more rows for calibration, lower the level, or choose ` +
          "another rule",
      );
    }
    const ratio = (scores.length * risk) / excesses.length;
    if (ratio >= 1) {
      throw new SurprisalError(
        `threshold rule "extremeValue": risk is ${risk}; it must be less than ${excesses.length / scores.length}, ` +
          "the part of the scores that lies above the level. Lower the risk or the level",
      );
    }
    const { shape, scale } = fitGeneralizedPareto(excesses);
    const logRatio = Math.log(ratio);
    // expm1 keeps the digits that the subtraction of 1 loses for shapes near 0.
    const beyond = shape === 0 ? -scale * logRatio : (scale * Math.expm1(-shape * logRatio)) / shape;
    return { threshold: floorFloat32(start + beyond), scores };
  },
} as const;
