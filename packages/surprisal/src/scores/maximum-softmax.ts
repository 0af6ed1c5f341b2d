import {
  add,
  arange,
  argMax,
  equal,
  expandDims,
  expm1,
  log1p,
  max,
  mul,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from "@surprisal/engine";

type Float = Tensor<"float32">;

/** Takes the place of the largest logit where it is left out: below any difference of logits. */
const LEAST = -1e30;

/**
 * How undecided a classifier is by its maximum softmax probability S = max_c softmax(f / T)_c (Hendrycks &
 * Gimpel 2017), logits f [N, classes] to [N]. Higher is more anomalous.
 *
 * S itself ties in float32: near 1 at T = 1, and near 1 / classes at T = 1000. This is a strictly falling
 * function of it that does not, T · (log(1 / S - 1) - log(classes - 1)): 0 where all classes are alike
 * likely. With d_c = f_c - max f it is T · log mean_{c ≠ argmax} exp(d_c / T), the other classes' distance in
 * units of logits: their mean for T → ∞, the nearest one's for T → 0.
 */
export function maximumSoftmax(logits: Float, temperature = 1): Float {
  const classes = logits.shape[1] as number;
  const isTop = equal(expandDims(argMax(logits, { axis: 1 }), 1), arange(0, classes));
  const top = sum(where(isTop, logits, 0), { axis: 1, keepDims: true });
  const behind = sub(logits, top);
  // The nearest of the others, about which the mean is taken: no exponential overflows or vanishes.
  const nearest = stopGradient(max(where(isTop, LEAST, behind), { axis: 1, keepDims: true })) as Float;
  const others = where(isTop, nearest, behind) as Float;
  const excess = expm1(mul(sub(others, nearest), 1 / temperature)) as Float;
  const mean = mul(sum(excess, { axis: 1 }), 1 / (classes - 1));
  const near = sum(nearest, { axis: 1 });
  return add(mul(log1p(mean as Float), temperature), near) as Float;
}
