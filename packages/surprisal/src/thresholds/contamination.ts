import { z } from "zod";
import { floorFloat32 } from "../numeric/index.js";
import { quantile } from "./quantile.js";
import { requireSome, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({
  rule: z.literal("contamination"),
  fraction: z.number().gt(0).lte(0.5).describe("Part of the training rows taken for anomalies, in (0, 0.5]."),
});

/**
 * The 1 - fraction quantile of the training scores, as scikit-learn and PyOD choose it. Of n scores
 * without ties ⌈fraction · (n - 1)⌉ lie above.
 */
export const contamination = {
  schema,
  source: "training",
  fit({ fraction }: z.output<typeof schema>, { training }: ThresholdScores) {
    const scores = requireSome(training, "contamination", "training");
    return { threshold: floorFloat32(quantile(scores, 1 - fraction)), scores };
  },
} as const;
