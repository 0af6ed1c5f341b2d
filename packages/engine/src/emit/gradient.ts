import type { Rules } from "./rule.js";

/** Operators that only steer gradients: the value is the first operand's. */
export const gradientRules: Rules<"stopGradient" | "customGradient"> = {
  stopGradient: { emit: (x, context) => context.nameOf(x.operands[0]!) },
  customGradient: {
    reads: (x) => x.operands.slice(0, 1),
    emit: (x, context) => context.nameOf(x.operands[0]!),
  },
};
