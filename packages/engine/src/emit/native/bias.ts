import { broadcast, plain, withoutRepeats } from "../../layout/arrangement.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { rearranged } from "./rearrange.js";

/** The bias as a vector of its channels, row-major. */
export function biasVector(builder: NativeBuilder, bias: Tensor, channels: number): string {
  const value = builder.valueOf(bias);
  const wide = { ...value, arrangement: withoutRepeats(broadcast(value.arrangement, [1, channels, 1, 1])) };
  const { shape } = wide.arrangement;
  const flat = rearranged(builder, wide, plain(shape));
  const name = shaped(builder, flat.name, flat.dims, [shape[1]!]);
  if (shape[1] === channels) return name;
  return builder.context.add("Expand", [name, builder.context.int64([channels])]);
}
