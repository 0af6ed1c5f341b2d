import { add, div, exp, log, mul, neg, square, sub, sum, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

const LOG_2_PI = Math.log(2 * Math.PI);

/** log N(x; mean, deviation²) of every element; the operands broadcast. */
export function gaussianLogProbability(x: Float, mean: Float, deviation: Float): Float {
  const distance = div(sub(x, mean), deviation);
  return neg(add(add(mul(square(distance), 0.5), log(deviation)), 0.5 * LOG_2_PI));
}

/**
 * KL divergence of the diagonal Gaussian N(mean, exp(logVariance)) from N(0, I), in nats, summed
 * over the last axis: ½ Σ (μ² + σ² - 1 - log σ²) (Kingma & Welling 2014, appendix B).
 */
export function gaussianKl(mean: Float, logVariance: Float): Float {
  const terms = sub(add(square(mean), exp(logVariance)), add(logVariance, 1));
  return mul(sum(terms, { axis: -1 }), 0.5);
}
