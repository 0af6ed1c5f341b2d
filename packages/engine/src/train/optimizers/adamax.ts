import { abs, add, div, maximum, mul, sub } from "../../tensor/index.js";
import { type AdamOptions, checkMoments } from "./adam.js";
import { biasCorrection, type Optimizer, requireRange, toFloat32, toFloat64 } from "./optimizer.js";

export interface AdamaxOptions extends AdamOptions {
  /** Default 0.002. */
  readonly learningRate?: AdamOptions["learningRate"] & {};
}

/**
 * Adam with the infinity norm: with m the decaying mean of g and u ← max(β₂ · u, |g| + ε),
 *
 *     p ← p − lr / (1 − β₁ᵗ) · m / u
 *
 * Kingma and Ba, 2015, algorithm 2, with ε as in `torch.optim.Adamax`.
 * Throws a `RangeError` for an option out of range.
 */
export function adamax(options: AdamaxOptions = {}): Optimizer {
  const { learningRate = 2e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  checkMoments({ beta1, beta2, epsilon });
  requireRange("weightDecay", weightDecay, 0, Number.POSITIVE_INFINITY);
  return {
    name: "adamax",
    learningRate,
    options: { beta1, beta2, epsilon, weightDecay },
    slots: ["mean", "norm"],
    update({ parameters, gradient, slots, learningRate: rate, step }) {
      const total = weightDecay === 0 ? gradient : add(gradient, mul(parameters, weightDecay));
      const mean = add(mul(slots.mean!, beta1), mul(total, 1 - beta1));
      const norm = maximum(mul(slots.norm!, beta2), add(abs(total), epsilon));
      const scale = toFloat32(div(toFloat64(rate), biasCorrection(beta1, step)));
      return {
        parameters: sub(parameters, mul(div(mean, norm), scale)),
        slots: { mean, norm },
      };
    },
  };
}
