import { add, div, maximum, mul, sqrt, sub, type Tensor } from "../../tensor/index.js";
import type { Schedule } from "../schedules.js";
import { type Optimizer, requireRange } from "./optimizer.js";

export interface RmspropOptions {
  /** Default 0.01. */
  readonly learningRate?: Schedule;
  /** Decay of the mean of squared gradients; default 0.99. */
  readonly alpha?: number;
  /** Added to the root; default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Divide by the standard deviation of the gradient instead of its root mean square; default false. */
  readonly centered?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * RMSProp: with s the decaying mean of g² (less the square of the mean of g when centered),
 *
 *     b ← momentum · b + g / (√s + ε),   p ← p − lr · b
 *
 * Tieleman and Hinton, 2012; centered: Graves, 2013, equations 38-45 with ε outside the root, as
 * `torch.optim.RMSprop`. Throws a `RangeError` for an option out of range.
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { learningRate = 1e-2, alpha = 0.99, epsilon = 1e-8, momentum = 0 } = options;
  const { centered = false, weightDecay = 0 } = options;
  requireRange("alpha", alpha, 0, 1);
  requireRange("epsilon", epsilon, 0, Number.POSITIVE_INFINITY);
  requireRange("momentum", momentum, 0, 1);
  requireRange("weightDecay", weightDecay, 0, Number.POSITIVE_INFINITY);
  return {
    name: "rmsprop",
    learningRate,
    options: { alpha, epsilon, momentum, centered, weightDecay },
    slots: ["meanSquare", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])],
    update({ parameters, gradient, slots, learningRate: rate }) {
      const total = weightDecay === 0 ? gradient : add(gradient, mul(parameters, weightDecay));
      const next: Record<string, Tensor<"float32">> = {};
      next.meanSquare = add(mul(slots.meanSquare!, alpha), mul(mul(total, total), 1 - alpha));
      let spread = next.meanSquare;
      if (centered) {
        next.mean = add(slots.mean!, mul(sub(total, slots.mean!), 1 - alpha));
        // Rounding may take a variance of nothing below zero.
        spread = maximum(sub(spread, mul(next.mean, next.mean)), 0);
      }
      let direction = div(total, add(sqrt(spread), epsilon));
      if (momentum > 0) {
        direction = add(mul(slots.velocity!, momentum), direction);
        next.velocity = direction;
      }
      return { parameters: sub(parameters, mul(direction, rate)), slots: next };
    },
  };
}
