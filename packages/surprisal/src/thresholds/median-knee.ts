import { z } from "zod";
import { floorFloat32 } from "../numeric/index.js";
import { requireReference, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({ rule: z.literal("medianKnee") });

/**
 * The knee of the scores sorted from their median to their maximum, of the calibration rows or, where
 * none are held out, of the training rows: with rank and score both scaled to [0, 1], the score that
 * lies furthest below the chord from first to last (Satopää, Albrecht, Irwin & Raghavan 2011). Of
 * equally far ones the highest; where no score lies below the chord it is the maximum.
 */
export const medianKnee = {
  schema,
  source: "reference",
  fit(_: z.output<typeof schema>, given: ThresholdScores) {
    const scores = requireReference(given, "medianKnee");
    const upper = Float64Array.from(scores)
      .sort()
      .subarray(scores.length >> 1);
    const last = upper.length - 1;
    const lowest = upper[0]!;
    const range = upper[last]! - lowest;
    let knee = last;
    let furthest = 0;
    for (let rank = last - 1; rank > 0 && range > 0; rank--) {
      const distance = rank / last - (upper[rank]! - lowest) / range;
      if (distance > furthest) {
        furthest = distance;
        knee = rank;
      }
    }
    return { threshold: floorFloat32(upper[knee]!), scores };
  },
} as const;
