import { add, mul, sub, type Tensor } from "../../tensor/index.js";
import type { Schedule } from "../schedules.js";
import { type Optimizer, requireRange } from "./optimizer.js";

export interface SgdOptions {
  /** Default 0.001. */
  readonly learningRate?: Schedule;
  /** Default 0. */
  readonly momentum?: number;
  /** Look ahead along the velocity; needs momentum. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent: v ← momentum · v + g and p ← p − lr · v, or with Nesterov's momentum
 * p ← p − lr · (g + momentum · v). Sutskever et al., 2013, in the form of `torch.optim.SGD`, where
 * the learning rate multiplies the velocity. Throws a `RangeError` for an option out of range.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 1e-3, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  requireRange("momentum", momentum, 0, 1);
  requireRange("weightDecay", weightDecay, 0, Number.POSITIVE_INFINITY);
  if (nesterov && momentum === 0) throw new RangeError("nesterov needs a momentum above 0");
  return {
    name: "sgd",
    learningRate,
    options: { momentum, nesterov, weightDecay },
    slots: momentum > 0 ? ["velocity"] : [],
    update({ parameters, gradient, slots, learningRate: rate }) {
      const total = weightDecay === 0 ? gradient : add(gradient, mul(parameters, weightDecay));
      const slotsAfter: Record<string, Tensor<"float32">> = {};
      let direction = total;
      if (momentum > 0) {
        const velocity = add(mul(slots.velocity!, momentum), total);
        slotsAfter.velocity = velocity;
        direction = nesterov ? add(total, mul(velocity, momentum)) : velocity;
      }
      return { parameters: sub(parameters, mul(direction, rate)), slots: slotsAfter };
    },
  };
}
