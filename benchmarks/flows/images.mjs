import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Images of 28 × 28 values, one after the other, with a border of 2 pixels: [count, 32, 32]. */
export function padded(values, count) {
  const result = new Float32Array(count * 1024);
  for (let i = 0; i < count; i++) {
    for (let row = 0; row < 28; row++) {
      const line = values.subarray(i * 784 + row * 28, i * 784 + row * 28 + 28);
      result.set(line, i * 1024 + (row + 2) * 32 + 2);
    }
  }
  return result;
}

/** The first images of an IDX file of 28 × 28 bytes, 0 to 255, with a border of 2 pixels. */
export function readPadded(path, count) {
  return padded(gunzipSync(readFileSync(path)).subarray(16), count);
}
