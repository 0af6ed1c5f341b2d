import type { Tensor } from "@surprisal/engine";
import type { ImageShape } from "../convolution.js";
import { toMaps } from "../images.js";

/** The image that a row of shape [height, width] or [height, width, channels] is. Throws a `RangeError` for others. */
export function imageOf(row: readonly number[]): ImageShape {
  if (row.length !== 2 && row.length !== 3) {
    throw new RangeError(
      `it needs images [N, height, width] or [N, height, width, channels]; the rows have shape [${row.join(", ")}]`,
    );
  }
  const [height = 0, width = 0, channels = 1] = row;
  return [height, width, channels];
}

/** Rows x [B, ...row] of images as maps [B, channels, height, width]. */
export function mapsOf(x: Tensor<"float32">, row: readonly number[]): Tensor<"float32"> {
  return toMaps(x, imageOf(row));
}
