import { z } from "zod";
import { minimumCostThreshold } from "../metrics/index.js";
import { floorFloat32 } from "../numeric/index.js";
import { requireValidation, type ThresholdScores } from "./rule.js";

const schema = z.strictObject({
  rule: z.literal("cost"),
  falsePositive: z.number().describe("Cost of a normal row that is flagged."),
  falseNegative: z.number().describe("Cost of an anomaly that is not flagged."),
  truePositive: z.number().default(0).describe("Cost of an anomaly that is flagged; negative for a gain."),
  trueNegative: z.number().default(0).describe("Cost of a normal row that is not flagged."),
  prevalence: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe("Share of anomalies where the threshold will be used. Default: their share of the labels."),
});

/** The threshold with the lowest mean cost of a row on labelled validation scores; see `minimumCostThreshold`. */
export const cost = {
  schema,
  source: "validation",
  fit({ prevalence, ...costs }: z.output<typeof schema>, given: ThresholdScores) {
    const { scores, labels } = requireValidation(given, "cost");
    const { threshold } = minimumCostThreshold(labels, scores, costs, prevalence);
    return { threshold: floorFloat32(threshold), scores };
  },
} as const;
