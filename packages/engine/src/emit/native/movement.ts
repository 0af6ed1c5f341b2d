import { broadcast, plain, reshaped, transposed } from "../../layout/arrangement.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { NativeBuilder } from "./builder.js";
import { rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

/** Movement that only changes how the operand's elements are looked at. */
export function viewTranspose(builder: NativeBuilder, x: Tensor<DType, "transpose">): Value {
  const value = builder.valueOf(x.operands[0]!);
  return { ...value, arrangement: transposed(value.arrangement, x.attributes.permutation) };
}

export function viewBroadcast(builder: NativeBuilder, x: Tensor<DType, "broadcastTo">): Value {
  const value = builder.valueOf(x.operands[0]!);
  return { ...value, arrangement: broadcast(value.arrangement, x.shape as readonly number[]) };
}

export function viewReshape(builder: NativeBuilder, x: Tensor<DType, "reshape">): Value {
  const value = builder.valueOf(x.operands[0]!);
  const shape = x.shape as readonly number[];
  const view = reshaped(value.arrangement, shape);
  if (view) return { ...value, arrangement: view };
  const even = rearranged(builder, value, plain(value.arrangement.shape));
  return { ...even, arrangement: plain(shape) };
}
