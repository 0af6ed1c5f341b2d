import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { quantile } from "./quantile.js";
import { requireReference, type ThresholdScores } from "./rule.js";

/** The third quartile of the standard normal distribution: its median absolute deviation. */
const NORMAL_MAD = 0.6744897501960817;

const schema = z.strictObject({
  rule: z.literal("medianAbsoluteDeviation"),
  factor: z
    .number()
    .nonnegative()
    .default(3)
    .describe("Standard deviations above the median, as estimated from the median absolute deviation."),
});

/**
 * median + factor MAD / 0.6745 of the calibration scores, or of the training scores where no rows
 * are held out, with MAD = median |score - median| (Hampel 1974; Leys et al. 2013).
 */
export const medianAbsoluteDeviation = {
  schema,
  source: "reference",
  fit({ factor }: z.output<typeof schema>, given: ThresholdScores) {
    const scores = requireReference(given, "medianAbsoluteDeviation");
    const median = quantile(scores, 0.5);
    const deviations = Float64Array.from(scores, (score) => Math.abs(score - median));
    const deviation = quantile(deviations, 0.5);
    if (deviation === 0 && quantile(deviations, 1) > 0) {
      throw new SurprisalError(
        'threshold rule "medianAbsoluteDeviation": at least half of the scores are equal, so that their ' +
          'deviation is 0; choose "contamination" or "falsePositiveRate"',
      );
    }
    return { threshold: floorFloat32(median + (factor * deviation) / NORMAL_MAD), scores };
  },
} as const;
