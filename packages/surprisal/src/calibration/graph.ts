import { clip, isNaN, neg, reshape, type Tensor, where } from "@surprisal/engine";
import { stepValues } from "../empirical/index.js";
import { LARGEST_FLOAT32 } from "../numeric/index.js";
import type { ConformalTable } from "./conformal.js";

/** The split-conformal p-value of every score, [N] to [N]: what `conformalPValues` computes. */
export function conformalGraph(
  score: Tensor<"float32">,
  { scores, pValues }: ConformalTable,
): Tensor<"float32"> {
  const [rows] = score.shape;
  const limited = clip(where(isNaN(score), 0, score), -LARGEST_FLOAT32, LARGEST_FLOAT32);
  // Steps begin at their knots, and a p-value behind its score: turned round they are alike.
  const steps = stepValues(reshape(neg(limited), [rows!, 1]), {
    knots: scores.map((value) => -value).reverse(),
    knotCounts: Int32Array.of(scores.length),
    steps: pValues.toReversed(),
  });
  // NaN is below and above nothing: it must not come out with a p-value.
  return where(isNaN(score), score, reshape(steps, [rows!]));
}
