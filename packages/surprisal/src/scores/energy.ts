import { logSumExp, mul, type Tensor } from "@surprisal/engine";

/**
 * Free energy -T · log Σ_c exp(f_c / T) of a classifier's logits f, [N, classes] to [N] (Liu et al. 2020).
 * Higher is more anomalous: no class draws the row to it.
 */
export function energy(logits: Tensor<"float32">, temperature = 1): Tensor<"float32"> {
  return mul(logSumExp(mul(logits, 1 / temperature), { axis: 1 }), -temperature);
}
