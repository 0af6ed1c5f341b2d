import type { DType } from "../tensor/dtype.js";
import type { Operator } from "../tensor/operators.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * A local rewrite: an equal, simpler expression of the same shape and dtype, or undefined where
 * there is none. The operands of x are already simplified.
 */
export type Rewrite<O extends Operator = Operator> = (x: Tensor<DType, O>) => Tensor | undefined;

/** Rewrites of some operators. */
export type Rewrites<O extends Operator = Operator> = { readonly [K in O]?: Rewrite<K> };

/** The first of several rewrites that applies. */
export function firstOf<O extends Operator>(...rewrites: Rewrite<O>[]): Rewrite<O> {
  return (x) => {
    for (const rewrite of rewrites) {
      const better = rewrite(x);
      if (better) return better;
    }
    return undefined;
  };
}

export function operand(x: Tensor, index = 0): Tensor {
  return x.operands[index] as Tensor;
}
