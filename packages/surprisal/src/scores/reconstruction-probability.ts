import { add, logSumExp, mean, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/**
 * Mean over samples of log p(x | z_l), [N, L] to [N]: the Monte-Carlo reconstruction probability in
 * log space (An & Cho 2015, algorithm 4), and the first term of the ELBO.
 */
export function meanLogProbability(logProbabilities: Float): Float {
  return mean(logProbabilities, { axis: 1 });
}

/**
 * log of the mean over samples of p(x | z_l), [N, L] to [N]: logsumexp_l - log L. Never below the
 * mean of the logarithms (Jensen).
 */
export function logMeanProbability(logProbabilities: Float): Float {
  const samples = logProbabilities.shape[1] as number;
  return add(logSumExp(logProbabilities, { axis: 1 }), -Math.log(samples));
}
