import { constant, div, grad, mul, sign, stopGradient, sub, sum, type Tensor } from "@surprisal/engine";
import { maximumSoftmax } from "./maximum-softmax.js";

type Float = Tensor<"float32">;

export interface OdinOptions {
  /** T, by which logits are divided. Default 1000, as published. */
  readonly temperature?: number;
  /** How far each value of the input moves, in units of values before they were divided by `deviation`. */
  readonly epsilon: number;
  /**
   * By what each entry of the input's last axis was divided, where the classifier is given standardised
   * inputs; default 1: `epsilon` is in the input's own units.
   */
  readonly deviation?: ArrayLike<number>;
}

/**
 * Inputs x [N, ...row] moved by ε against the sign of the gradient of the cross-entropy of f(x) / T with the
 * class it prefers, x - ε · sign ∇ CE (Liang, Li & Srikant 2018, equation 2): towards more confidence.
 *
 * The gradient is that of the score {@link maximumSoftmax}, whose sign is the same, since both rise where S
 * falls; but it does not vanish where the classifier is certain.
 * @param logits of x, [N, classes]
 */
export function odinInput(
  x: Float,
  logits: Float,
  { temperature = 1000, epsilon, deviation }: OdinOptions,
): Float {
  if (epsilon === 0) return x;
  // Rows do not depend on each other, so the sum's gradient holds every row's.
  const [gradient] = grad(sum(maximumSoftmax(logits, temperature)), [x]);
  const step = mul(sign(gradient as Float), epsilon);
  const scaled = deviation
    ? div(step, constant(Float32Array.from(deviation), [deviation.length], "float32"))
    : step;
  return sub(x, stopGradient(scaled) as Float);
}

/**
 * ODIN: how undecided the classifier is at temperature T about inputs moved towards more confidence, to which
 * known classes respond more, [N] (Liang, Li & Srikant 2018). It is {@link maximumSoftmax} of the moved inputs:
 * ranked as S(x̃; T), without its ties. Higher is more anomalous.
 * @param classifier logits [N, classes] of inputs [N, ...row]; a row's must depend on that row alone
 */
export function odin(
  classifier: (x: Float) => Float,
  x: Float,
  options: OdinOptions & { readonly logits?: Float },
): Float {
  const { temperature = 1000, logits = classifier(x) } = options;
  return maximumSoftmax(classifier(odinInput(x, logits, options)), temperature);
}
