import { cast, sum, type Tensor } from "@surprisal/engine";
import { pointStepValues } from "./step-functions.js";
import type { Tails } from "./tails.js";

export interface TailScores {
  /** [N], in nats, ≥ 0: the sum of the contributions. */
  readonly score: Tensor<"float32">;
  /** [N, D]: what each feature adds. */
  readonly contributions: Tensor<"float32">;
}

/**
 * The summed tails of every row of x [N, D], and what each feature adds. x has the dtype of the
 * knots. Throws a `TypeError` where the width or the dtype differs.
 */
export function tailScores(x: Tensor, tails: Tails): TailScores {
  const contributions = pointStepValues(x, tails);
  // In float64 the order of summation, which differs between runtimes, does not show in the score.
  const score = cast(sum(cast(contributions, "float64"), { axis: 1 }), "float32");
  return { score, contributions };
}
