import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { bestF1Threshold } from "../metrics/index.js";
import { floorFloat32 } from "../numeric/index.js";
import type { ThresholdScores } from "./rule.js";

const schema = z.strictObject({ rule: z.literal("bestF1") });

/** The threshold with the highest F1 on labelled validation scores; see `bestF1Threshold`. */
export const bestF1 = {
  schema,
  fit(_: z.output<typeof schema>, { validation }: ThresholdScores) {
    if (validation === undefined) {
      throw new SurprisalError(
        'threshold rule "bestF1" needs labelled validation scores, and there are none',
      );
    }
    const { threshold } = bestF1Threshold(validation.labels, validation.scores);
    return { threshold: floorFloat32(threshold), scores: validation.scores };
  },
};
