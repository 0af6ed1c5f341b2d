import { max, neg, type Tensor } from "@surprisal/engine";

/**
 * The negative of a classifier's largest logit, [N, classes] to [N] (Hendrycks et al. 2022). Higher is more
 * anomalous.
 */
export function maximumLogit(logits: Tensor<"float32">): Tensor<"float32"> {
  return neg(max(logits, { axis: 1 }));
}
