import { broadcastTo } from "../tensor/movement.js";
import type { Operator } from "../tensor/operators.js";
import { broadcastShapes, shapeEquals } from "../tensor/shape.js";
import { isOperator, node, type Tensor } from "../tensor/tensor.js";
import type { Rewrite } from "./rule.js";

/**
 * Elementwise operators broadcast by themselves: broadcasts of their operands are dropped, and
 * what they still repeat is repeated after the operator instead of before.
 */
export const dropBroadcasts: Rewrite = (x) => {
  if (!x.operands.some((operand) => isOperator(operand, "broadcastTo"))) return undefined;
  const operands = x.operands.map((operand) =>
    isOperator(operand, "broadcastTo") ? (operand.operands[0] as Tensor) : operand,
  );
  const shape = broadcastShapes(...operands.map((operand) => operand.shape));
  return broadcastTo(
    node<typeof x.dtype, Operator>(x.operator, operands, x.attributes, shape, x.dtype),
    x.shape,
  );
};

/** The same for the leading axes of a matrix product. */
export const dropBatchBroadcasts: Rewrite<"matmul"> = (x) => {
  const stripped = x.operands.map((operand) => {
    if (!isOperator(operand, "broadcastTo")) return operand;
    const source = operand.operands[0] as Tensor;
    const keepsMatrix =
      source.shape.length >= 2 && shapeEquals(source.shape.slice(-2), operand.shape.slice(-2));
    return keepsMatrix ? source : operand;
  });
  if (stripped.every((operand, i) => operand === x.operands[i])) return undefined;
  const batch = broadcastShapes(...stripped.map((operand) => operand.shape.slice(0, -2)));
  const product = node("matmul", stripped, {}, [...batch, ...x.shape.slice(-2)], x.dtype);
  return broadcastTo(product, x.shape);
};
