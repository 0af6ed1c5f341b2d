import type { DType } from "../tensor/dtype.js";
import { cast, where } from "../tensor/elementwise.js";
import { full, isOperator, type Tensor } from "../tensor/tensor.js";
import { inShape, numberOf } from "./constants.js";
import { operand, type Rewrite, type Rewrites } from "./rule.js";

/** Casts that lose nothing, so that a cast after them may start from the source. */
const widening: Readonly<Record<DType, readonly DType[]>> = {
  bool: ["uint8", "int32", "int64", "float32", "float64"],
  uint8: ["int32", "int64", "float32", "float64"],
  int32: ["int64", "float64"],
  float32: ["float64"],
  int64: [],
  float64: [],
  string: [],
};

const simplifyCast: Rewrite<"cast"> = (x) => {
  const inner = operand(x);
  if (!isOperator(inner, "cast")) return undefined;
  const source = operand(inner);
  return widening[source.dtype].includes(inner.dtype) ? cast(source, x.dtype) : undefined;
};

const simplifyWhere: Rewrite<"where"> = (x) => {
  const [condition, then, otherwise] = x.operands as [Tensor<"bool">, Tensor, Tensor];
  const known = numberOf(condition);
  if (known !== undefined) return inShape(known ? then : otherwise, x.shape);
  if (then === otherwise) return inShape(then, x.shape);
  if (isOperator(condition, "not")) {
    return inShape(where(operand(condition) as Tensor<"bool">, otherwise, then), x.shape);
  }
  return undefined;
};

/** `neutral` is the operand that changes nothing; the other value decides the result alone. */
function junction(neutral: 0 | 1): Rewrite {
  return (x) => {
    const [a, b] = [operand(x, 0), operand(x, 1)];
    if (a === b) return a;
    for (const [known, other] of [
      [numberOf(a), b],
      [numberOf(b), a],
    ] as const) {
      if (known !== undefined)
        return known === neutral ? inShape(other, x.shape) : full(x.shape, known, "bool");
    }
    return undefined;
  };
}

export const logicRewrites: Rewrites = {
  cast: simplifyCast,
  where: simplifyWhere,
  not: (x) => (isOperator(operand(x), "not") ? operand(operand(x)) : undefined),
  and: junction(1),
  or: junction(0),
};
