import { cast, maximum, minimum, type Tensor } from "@surprisal/engine";

/** The largest finite float32. */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** A float64 score as float32; beyond the range it is the nearest finite float32 instead of infinity. */
export function saturateFloat32(x: Tensor<"float64">): Tensor<"float32"> {
  return cast(maximum(minimum(x, LARGEST_FLOAT32), -LARGEST_FLOAT32), "float32");
}
