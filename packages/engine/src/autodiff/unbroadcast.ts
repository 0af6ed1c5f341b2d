import type { FloatDType } from "../tensor/dtype.js";
import { reshape } from "../tensor/movement.js";
import { sum } from "../tensor/reduction.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** The gradient of a broadcast: x summed over every axis that broadcasting `shape` to x.shape repeated. */
export function unbroadcast<D extends FloatDType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const lead = x.shape.length - shape.length;
  const axis = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  if (axis.length === 0) return x;
  return reshape(sum(x, { axis, keepDims: lead === 0 }), shape);
}
