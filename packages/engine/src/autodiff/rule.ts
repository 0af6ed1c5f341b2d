import type { FloatDType } from "../tensor/dtype.js";
import type { Operator } from "../tensor/operators.js";
import type { Tensor } from "../tensor/tensor.js";
import { unbroadcast } from "./unbroadcast.js";

export type Float = Tensor<FloatDType>;

/** The gradient that flows to one operand, built only when it is wanted; undefined for none. */
export type Contribution = (() => Float | undefined) | undefined;

/** Vector-Jacobian product of one operator: gradient of the output to those of the operands. */
export type Rule<O extends Operator> = (
  gradient: Float,
  output: Tensor<FloatDType, O>,
) => readonly Contribution[];

/** Rules of some operators; "none" says that no gradient flows through the operator. */
export type Rules<O extends Operator> = { readonly [K in O]: Rule<K> | "none" };

/** Operand i of an output, as a float tensor. */
export function operand(output: Tensor, index: number): Float {
  return output.operands[index] as Float;
}

/** A contribution summed over the axes along which the operand was broadcast. */
export function reduced(to: Float, make: () => Float): Contribution {
  return () => unbroadcast(make(), to.shape);
}
