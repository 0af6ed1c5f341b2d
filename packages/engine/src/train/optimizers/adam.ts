import { add, div, mul, sqrt, sub, type Tensor } from "../../tensor/index.js";
import type { Schedule } from "../schedules.js";
import {
  biasCorrection,
  type Optimizer,
  requireRange,
  toFloat32,
  toFloat64,
  type Update,
  type UpdateContext,
} from "./optimizer.js";

export interface AdamOptions {
  /** Default 0.001. */
  readonly learningRate?: Schedule;
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

export interface Moments {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * The step of Adam. With m and v the decaying means of g and g²,
 *
 *     p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 *
 * The slots hold m / (1 − β₁) and v / (1 − β₂), whose recurrences take two operations and three
 * instead of three and four: a large network's update is bound by passes over memory. The scalar
 * factors are gathered before they meet a vector, in float64.
 */
export function adamUpdate(context: UpdateContext, gradient: Tensor<"float32">, options: Moments): Update {
  const { parameters, slots, learningRate, step } = context;
  const { beta1, beta2, epsilon } = options;
  const mean = add(mul(slots.mean!, beta1), gradient);
  const meanSquare = add(mul(slots.meanSquare!, beta2), mul(gradient, gradient));
  // √v / √(1 − β₂ᵗ) = √meanSquare · spread
  const spread = sqrt(div(1 - beta2, biasCorrection(beta2, step)));
  const rate = mul(toFloat64(learningRate), div(1 - beta1, biasCorrection(beta1, step)));
  const scale = toFloat32(div(rate, spread));
  const floor = toFloat32(div(epsilon, spread));
  const direction = div(mean, add(sqrt(meanSquare), floor));
  return {
    parameters: sub(parameters, mul(direction, scale)),
    slots: { mean, meanSquare },
  };
}

export function checkMoments({ beta1, beta2, epsilon }: Moments): void {
  requireRange("beta1", beta1, 0, 1);
  requireRange("beta2", beta2, 0, 1);
  requireRange("epsilon", epsilon, 0, Number.POSITIVE_INFINITY);
}

/**
 * Adam. Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; with ε and
 * the L2 penalty placed as in `torch.optim.Adam`.
 * Throws a `RangeError` for an option out of range.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  checkMoments({ beta1, beta2, epsilon });
  requireRange("weightDecay", weightDecay, 0, Number.POSITIVE_INFINITY);
  return {
    name: "adam",
    learningRate,
    options: { beta1, beta2, epsilon, weightDecay },
    slots: ["mean", "meanSquare"],
    update(context) {
      const { gradient, parameters } = context;
      const total = weightDecay === 0 ? gradient : add(gradient, mul(parameters, weightDecay));
      return adamUpdate(context, total, { beta1, beta2, epsilon });
    },
  };
}
