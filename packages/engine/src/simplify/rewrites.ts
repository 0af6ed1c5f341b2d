import type { Operator } from "../tensor/operators.js";
import type { Tensor } from "../tensor/tensor.js";
import { arithmeticRewrites } from "./arithmetic.js";
import { dropBatchBroadcasts, dropBroadcasts } from "./broadcasting.js";
import { foldScalars } from "./fold.js";
import { logicRewrites } from "./logic.js";
import { movementRewrites } from "./movement.js";
import { reductionRewrites } from "./reduction.js";
import { operand, type Rewrite, type Rewrites } from "./rule.js";

/** Operators that work on each element by itself and broadcast their operands. */
const elementwise: ReadonlySet<Operator> = new Set([
  "neg",
  "exp",
  "log",
  "sqrt",
  "reciprocal",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "sin",
  "cos",
  "tanh",
  "erf",
  "sigmoid",
  "softplus",
  "relu",
  "step",
  "leakyRelu",
  "not",
  "isNaN",
  "isInfinite",
  "cast",
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "minimum",
  "maximum",
  "mod",
  "equal",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "and",
  "or",
  "xor",
  "where",
]);

const byOperator: Rewrites = {
  ...arithmeticRewrites,
  ...logicRewrites,
  ...reductionRewrites,
  ...movementRewrites,
  matmul: dropBatchBroadcasts,
  // What only steers gradients has done its part.
  stopGradient: (x) => operand(x),
  customGradient: (x) => operand(x),
};

/** A simpler expression equal to x, whose operands are simplified; undefined when there is none. */
export function rewrite(x: Tensor): Tensor | undefined {
  if (elementwise.has(x.operator)) {
    const better = dropBroadcasts(x) ?? foldScalars(x);
    if (better) return better;
  }
  return (byOperator[x.operator] as Rewrite | undefined)?.(x);
}
