import { cast, exp, mul, reshape, type Tensor, treeEnsemble } from "@surprisal/engine";
import type { IsolationForest } from "./fit.js";
import { averagePathLength } from "./path-length.js";

/**
 * The anomaly score s = 2^(-E[h(x)] / c(ψ)) of every row of x [N, D], as [N] in (0, 1): near 1 for
 * rows that few splits isolate, below 0.5 for ordinary ones (Liu, Ting & Zhou 2008, equation 2).
 */
export function isolationForestGraph(
  x: Tensor,
  { ensemble, sampleSize }: IsolationForest,
): Tensor<"float32"> {
  const single = x.dtype === "float32" ? (x as Tensor<"float32">) : cast(x, "float32");
  const pathLength = reshape(treeEnsemble(single, ensemble), [x.shape[0]!]);
  return exp(mul(pathLength, -Math.LN2 / averagePathLength(sampleSize)));
}
