import { matmul } from "../tensor/linear.js";
import { reshape, swapAxes } from "../tensor/movement.js";
import { isSymbolic, sizeOf } from "../tensor/shape.js";
import { type Float, operand, type Rules, reduced } from "./rule.js";

/** All axes but the last merged into one. */
function rows(x: Float): Float {
  const last = x.shape[x.shape.length - 1]!;
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), last]);
}

/** Whether the leading axes can be merged: their product may hold one symbol. */
function canMerge(x: Float): boolean {
  return x.shape.slice(0, -1).filter(isSymbolic).length <= 1;
}

/**
 * Gradients of the matrix product, as matrix products whose transposes emission folds into the
 * product. The gradient of a matrix shared by a batch is one product over all rows of the batch.
 */
export const matmulRules: Rules<"matmul"> = {
  matmul: (gradient, output) => {
    const [a, b] = [operand(output, 0), operand(output, 1)];
    return [
      reduced(a, () => matmul(gradient, swapAxes(b, -1, -2))),
      b.shape.length === 2 && a.shape.length > 2 && canMerge(a)
        ? () => matmul(swapAxes(rows(a), 0, 1), rows(gradient))
        : reduced(b, () => matmul(swapAxes(a, -1, -2), gradient)),
    ];
  },
};
