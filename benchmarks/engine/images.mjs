import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The images of an IDX file as numbers in [0, 1], one image of 784 after another. */
export function readImages(path) {
  const bytes = gunzipSync(readFileSync(path));
  return Float32Array.from(bytes.subarray(16), (value) => value / 255);
}
