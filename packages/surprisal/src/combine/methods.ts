import { randomStream } from "@surprisal/engine";
import { z } from "zod";

/** How the members' scores become one. */
export const combinationMethods = [
  "average",
  "maximum",
  "median",
  "averageOfMaximum",
  "maximumOfAverage",
] as const;

/** How a member's scores are made comparable with the others'. */
export const scoreScales = ["standard", "rank", "none"] as const;

/** The options of every combination of detectors, without defaults. */
export const combinationOptions = z.object({
  method: z
    .enum(combinationMethods)
    .describe(
      "How the members' scores become one. averageOfMaximum: the largest of each bucket of members, averaged; maximumOfAverage: the average of each bucket, of which the largest.",
    ),
  scale: z
    .enum(scoreScales)
    .describe(
      "Scores to combine: minus their mean and over their deviation on training rows (standard), the share of training rows that score no higher (rank), or as they are (none).",
    ),
  buckets: z
    .int()
    .min(1)
    .optional()
    .describe("Buckets of averageOfMaximum and maximumOfAverage. Default: half of the members, at most 5."),
});

export type CombinationOptions = z.output<typeof combinationOptions>;

/**
 * Members dealt out at random to buckets whose sizes differ by one at most, once for all rows
 * (Aggarwal & Sathe 2015). Each bucket lists its members in rising order.
 */
export function dealBuckets(members: number, buckets: number, seed: number): number[][] {
  const order = randomStream(seed, "combination/buckets").permutation(members);
  const dealt = Array.from({ length: buckets }, (): number[] => []);
  order.forEach((member, i) => {
    dealt[i % buckets]!.push(member);
  });
  return dealt.map((bucket) => bucket.sort((a, b) => a - b));
}
