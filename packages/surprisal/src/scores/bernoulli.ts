import { mul, softplus, sub, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/**
 * log p(x) of every element under a Bernoulli with the given logits, for x in [0, 1]:
 * x·l - log(1 + exp(l)), the cross-entropy in its stable form.
 */
export function bernoulliLogProbability(x: Float, logits: Float): Float {
  return sub(mul(x, logits), softplus(logits));
}
