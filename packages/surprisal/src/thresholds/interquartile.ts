import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { quantile } from "./quantile.js";
import { requireReference, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({
  rule: z.literal("interquartile"),
  factor: z.number().nonnegative().default(1.5).describe("Interquartile ranges above the third quartile."),
});

/**
 * Q3 + factor (Q3 - Q1) of the calibration scores, or of the training scores where no rows are held
 * out (Tukey 1977). Of Gaussian scores 0.35 % lie above it at the default factor.
 */
export const interquartile = {
  schema,
  source: "reference",
  fit({ factor }: z.output<typeof schema>, given: ThresholdScores) {
    const scores = requireReference(given, "interquartile");
    const first = quantile(scores, 0.25);
    const third = quantile(scores, 0.75);
    if (first === third && (quantile(scores, 0) < first || quantile(scores, 1) > third)) {
      throw new SurprisalError(
        'threshold rule "interquartile": the middle half of the scores are equal, so that their spread is 0; ' +
          'choose "contamination" or "falsePositiveRate"',
      );
    }
    return { threshold: floorFloat32(third + factor * (third - first)), scores };
  },
} as const;
