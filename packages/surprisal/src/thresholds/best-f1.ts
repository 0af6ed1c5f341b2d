import { z } from "zod";
import { bestF1Threshold } from "../metrics/index.js";
import { floorFloat32 } from "../numeric/index.js";
import { requireValidation, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({ rule: z.literal("bestF1") });

/** The threshold with the highest F1 on labelled validation scores; see `bestF1Threshold`. */
export const bestF1 = {
  schema,
  source: "validation",
  fit(_: z.output<typeof schema>, given: ThresholdScores) {
    const { scores, labels } = requireValidation(given, "bestF1");
    const { threshold } = bestF1Threshold(labels, scores);
    return { threshold: floorFloat32(threshold), scores };
  },
} as const;
