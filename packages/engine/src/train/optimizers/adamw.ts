import { mul, sub } from "../../tensor/index.js";
import { type AdamOptions, adamUpdate, checkMoments } from "./adam.js";
import { type Optimizer, requireRange } from "./optimizer.js";

export interface AdamWOptions extends AdamOptions {
  /** Share of each parameter taken off per step, times the learning rate; default 0.01. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay, p ← (1 − lr · decay) · p before the step of Adam. Loshchilov
 * and Hutter, "Decoupled Weight Decay Regularization", 2019, as `torch.optim.AdamW`.
 * Throws a `RangeError` for an option out of range.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  checkMoments({ beta1, beta2, epsilon });
  requireRange("weightDecay", weightDecay, 0, Number.POSITIVE_INFINITY);
  return {
    name: "adamw",
    learningRate,
    options: { beta1, beta2, epsilon, weightDecay },
    slots: ["mean", "meanSquare"],
    update(context) {
      const kept = sub(1, mul(context.learningRate, weightDecay));
      const parameters = mul(context.parameters, kept);
      return adamUpdate({ ...context, parameters }, context.gradient, { beta1, beta2, epsilon });
    },
  };
}
