import { cast, sum, type Tensor } from "@surprisal/engine";
import { type StepFunctions, stepValues } from "../../empirical/index.js";

export interface HbosScores {
  /** [N]: the sum of the contributions. */
  readonly score: Tensor<"float32">;
  /** [N, D], in bits: -log2 of each feature's density. */
  readonly contributions: Tensor<"float32">;
}

/** The HBOS score of every row of x, float64 [N, D]. Throws a `TypeError` where width or dtype differ. */
export function hbosGraph(x: Tensor, densities: StepFunctions): HbosScores {
  const contributions = stepValues(x, densities);
  // In float64 the order of summation, which differs between runtimes, does not show in the score.
  const score = cast(sum(cast(contributions, "float64"), { axis: 1 }), "float32");
  return { score, contributions };
}
