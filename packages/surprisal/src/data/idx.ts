import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { SurprisalError } from "../errors.js";
import { writeFileAtomically } from "./atomic-file.js";
import { explainGzipError } from "./gzip.js";
import type { NDArray, NumericArray } from "./ndarray.js";
import { statOrExplain } from "./source.js";

interface IdxType {
  readonly code: number;
  readonly bytes: number;
  readonly allocate: (length: number) => NumericArray;
  readonly get: (view: DataView, at: number) => number;
  readonly set: (view: DataView, at: number, value: number) => void;
}

const types: readonly IdxType[] = [
  {
    code: 0x08,
    bytes: 1,
    allocate: (n) => new Uint8Array(n),
    get: (v, at) => v.getUint8(at),
    set: (v, at, x) => v.setUint8(at, x),
  },
  {
    code: 0x09,
    bytes: 1,
    allocate: (n) => new Int8Array(n),
    get: (v, at) => v.getInt8(at),
    set: (v, at, x) => v.setInt8(at, x),
  },
  {
    code: 0x0b,
    bytes: 2,
    allocate: (n) => new Int16Array(n),
    get: (v, at) => v.getInt16(at),
    set: (v, at, x) => v.setInt16(at, x),
  },
  {
    code: 0x0c,
    bytes: 4,
    allocate: (n) => new Int32Array(n),
    get: (v, at) => v.getInt32(at),
    set: (v, at, x) => v.setInt32(at, x),
  },
  {
    code: 0x0d,
    bytes: 4,
    allocate: (n) => new Float32Array(n),
    get: (v, at) => v.getFloat32(at),
    set: (v, at, x) => v.setFloat32(at, x),
  },
  {
    code: 0x0e,
    bytes: 8,
    allocate: (n) => new Float64Array(n),
    get: (v, at) => v.getFloat64(at),
    set: (v, at, x) => v.setFloat64(at, x),
  },
];

/**
 * Decodes an IDX file, the format of MNIST: two zero bytes, type, number of axes, big-endian sizes,
 * big-endian values in row-major order.
 * @throws SurprisalError when the bytes are something else, or their number contradicts the sizes
 */
export function decodeIdx(bytes: Uint8Array, label = "The IDX file"): NDArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = types.find(({ code }) => code === bytes[2]);
  const axes = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || axes < 1 || axes > 8) {
    throw new SurprisalError(`${label} is not an IDX file: it does not begin as one.`);
  }
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw new SurprisalError(`${label} is truncated: it ends within its header.`);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = shape.reduce((a, b) => a * b, 1);
  if (length * type.bytes !== bytes.length - start) {
    throw new SurprisalError(
      `${label}: its sizes (${shape.join(", ")}) need ${length * type.bytes} bytes and it holds ` +
        `${bytes.length - start}. It is truncated or damaged.`,
    );
  }
  const data = type.allocate(length);
  if (type.code === 0x08) data.set(bytes.subarray(start));
  else for (let i = 0; i < length; i++) data[i] = type.get(view, start + i * type.bytes);
  return { data, shape };
}

/**
 * Encodes an array as IDX. Uint8, int8, int16, int32, float32 and float64 keep their type.
 * @throws SurprisalError for uint16 and uint32, which IDX does not have, and a shape that contradicts the values
 */
export function encodeIdx({ data, shape }: NDArray): Uint8Array {
  const type = types.find(({ allocate }) => {
    const sample = allocate(0);
    return (
      data.constructor === sample.constructor ||
      (data instanceof Uint8ClampedArray && sample instanceof Uint8Array)
    );
  });
  if (type === undefined)
    throw new SurprisalError("IDX has no unsigned 16 and 32-bit numbers; use Int32Array.");
  const length = shape.reduce((a, b) => a * b, 1);
  if (shape.length < 1 || shape.length > 8 || length !== data.length) {
    throw new SurprisalError(
      `The shape (${shape.join(", ")}) needs ${length} values in 1 to 8 axes, not ${data.length}.`,
    );
  }
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + length * type.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, type.code);
  view.setUint8(3, shape.length);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  for (let i = 0; i < length; i++) type.set(view, start + i * type.bytes, data[i]!);
  return bytes;
}

/**
 * Reads an IDX file, gzipped or not.
 * @throws SurprisalError for a missing, truncated or foreign file
 */
export async function readIdx(path: string): Promise<NDArray> {
  const status = await statOrExplain(path);
  if (status.isDirectory()) throw new SurprisalError(`"${path}" is a folder, not an IDX file.`);
  const raw = await readFile(path);
  if (raw.length === 0) throw new SurprisalError(`"${path}" is empty (0 bytes).`);
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return decodeIdx(raw, `"${path}"`);
  let bytes: Uint8Array;
  try {
    bytes = await promisify(gunzip)(raw);
  } catch (error) {
    throw explainGzipError(error, path);
  }
  return decodeIdx(bytes, `"${path}"`);
}

/**
 * Writes an IDX file, gzipped when the name ends in `.gz`.
 * @throws SurprisalError when it cannot be written; nothing is left behind then
 */
export async function writeIdx(path: string, array: NDArray): Promise<void> {
  const bytes = encodeIdx(array);
  await writeFileAtomically(path, path.endsWith(".gz") ? gzipSync(bytes, { level: 9 }) : bytes);
}
