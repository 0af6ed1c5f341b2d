import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { concatArrays } from "../data/array-parts.js";
import type { NDArray } from "../data/ndarray.js";
import { statOrExplain } from "../data/source.js";
import { SurprisalError } from "../errors.js";
import type { LabelledImages } from "./dataset.js";
import type { ImageParts } from "./image-parts.js";

const side = 32;
const plane = side * side;
const recordBytes = 1 + 3 * plane;

/**
 * Decodes a file of the binary version of CIFAR-10: records of one byte for the class and 3 x 1,024 for
 * the red, green and blue plane.
 * @param label names the file in errors
 * @throws SurprisalError for bytes that are no whole records, or a class that is not 0 to 9
 */
export function decodeCifar10(bytes: Uint8Array, label = "The CIFAR-10 file"): LabelledImages {
  const count = bytes.length / recordBytes;
  if (!Number.isInteger(count) || count === 0) {
    throw new SurprisalError(
      `${label} holds ${bytes.length} bytes, which is no whole number of records of ${recordBytes}. It is truncated, or not of CIFAR-10's binary version.`,
    );
  }
  const data = new Uint8Array(count * 3 * plane);
  const y = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const from = i * recordBytes;
    const value = bytes[from]!;
    if (value > 9) throw new SurprisalError(`${label}: the class of record ${i} is ${value}, not 0 to 9.`);
    y[i] = value;
    const to = i * 3 * plane;
    for (let channel = 0; channel < 3; channel++) {
      const start = from + 1 + channel * plane;
      for (let p = 0; p < plane; p++) data[to + 3 * p + channel] = bytes[start + p]!;
    }
  }
  return { X: { data, shape: [count, side, side, 3] }, y };
}

/**
 * Reads the folder of CIFAR-10's binary version: `data_batch_1.bin` to `data_batch_5.bin` and
 * `test_batch.bin`.
 * @throws SurprisalError naming the file that is missing or damaged
 */
export async function readCifar10(folder: string, signal?: AbortSignal): Promise<ImageParts> {
  const read = async (name: string): Promise<LabelledImages> => {
    signal?.throwIfAborted();
    const path = join(folder, name);
    await statOrExplain(path);
    return decodeCifar10(await readFile(path), `"${path}"`);
  };
  const batches: LabelledImages[] = [];
  for (let i = 1; i <= 5; i++) batches.push(await read(`data_batch_${i}.bin`));
  return {
    X: concatArrays(batches.map(({ X }) => X) as NDArray[]),
    y: Uint8Array.from(batches.flatMap(({ y }) => Array.from(y))),
    test: await read("test_batch.bin"),
  };
}
