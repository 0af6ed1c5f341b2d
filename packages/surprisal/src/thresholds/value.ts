import { z } from "zod";
import type { Scores } from "../metrics/index.js";

const schema = z.strictObject({
  rule: z.literal("value"),
  value: z.number().describe("The threshold; finite."),
});

/** A threshold given by the user. */
export const value = {
  schema,
  source: "none",
  fit({ value: threshold }: z.output<typeof schema>): { threshold: number; scores: Scores } {
    return { threshold, scores: [] };
  },
} as const;
