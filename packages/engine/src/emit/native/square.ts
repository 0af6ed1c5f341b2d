import { isPadded, plain, product } from "../../layout/arrangement.js";
import { int } from "../../onnx/attribute.js";
import { isOperator, type Tensor } from "../../tensor/tensor.js";
import type { Analysis } from "../rule.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

/** The tensor whose sum of squares `tensor` is; undefined where it is none. */
export function squaredIn(tensor: Tensor, analysis: Analysis): Tensor | undefined {
  if (!isOperator(tensor, "sum")) return undefined;
  const square = tensor.operands[0] as Tensor;
  const isWhole = tensor.attributes.axes.length === square.shape.length;
  if (!isWhole || !isOperator(square, "mul") || analysis.uses(square) !== 1) return undefined;
  const [a, b] = square.operands as [Tensor, Tensor];
  return a === b ? a : undefined;
}

/** A sum of squares in one pass, which ONNX Runtime makes on all threads. */
export function emitSumOfSquares(builder: NativeBuilder, x: Tensor, squared: Tensor): Value {
  let value = builder.valueOf(squared);
  const { arrangement } = value;
  const isWhole = product(arrangement.sizes) === product(arrangement.shape);
  if (!isWhole || isPadded(arrangement)) value = rearranged(builder, value, plain(arrangement.shape));
  const flat = shaped(builder, value.name, value.dims, [product(value.dims)]);
  const name = builder.context.add("ReduceSumSquare", [flat], { keepdims: int(0) });
  return { ...value, name, dims: [], arrangement: plain(x.shape as number[]), isZeroPadded: true };
}
