import { SurprisalError } from "../errors.js";
import type { NDArray, NumericArray } from "./ndarray.js";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

interface ElementType {
  readonly bytes: number;
  readonly allocate: (length: number) => NumericArray;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
}

/** 64-bit whole numbers become float64; those that it cannot hold exactly are refused. */
function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new SurprisalError(
      `the whole number ${value} does not fit into float64 exactly; store it as float64`,
    );
  }
  return number;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  b1: { bytes: 1, allocate: (n) => new Uint8Array(n), read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  u1: { bytes: 1, allocate: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, allocate: (n) => new Int8Array(n), read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, allocate: (n) => new Uint16Array(n), read: (view, at, le) => view.getUint16(at, le) },
  i2: { bytes: 2, allocate: (n) => new Int16Array(n), read: (view, at, le) => view.getInt16(at, le) },
  u4: { bytes: 4, allocate: (n) => new Uint32Array(n), read: (view, at, le) => view.getUint32(at, le) },
  i4: { bytes: 4, allocate: (n) => new Int32Array(n), read: (view, at, le) => view.getInt32(at, le) },
  u8: {
    bytes: 8,
    allocate: (n) => new Float64Array(n),
    read: (view, at, le) => exact(view.getBigUint64(at, le)),
  },
  i8: {
    bytes: 8,
    allocate: (n) => new Float64Array(n),
    read: (view, at, le) => exact(view.getBigInt64(at, le)),
  },
  f4: { bytes: 4, allocate: (n) => new Float32Array(n), read: (view, at, le) => view.getFloat32(at, le) },
  f8: { bytes: 8, allocate: (n) => new Float64Array(n), read: (view, at, le) => view.getFloat64(at, le) },
};

interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

function readHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new SurprisalError("it does not begin as a NumPy array (.npy) does");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    throw new SurprisalError(`.npy version ${version} is not known (1 to 3 are)`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw new SurprisalError("it ends within its header");
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw new SurprisalError("it ends within its header");
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(start, start + length),
  );
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (fortran === undefined || shape === undefined)
    throw new SurprisalError("its header cannot be understood");
  if (descr === undefined) throw new SurprisalError("it holds records of several fields; save plain arrays");
  return {
    descr,
    fortranOrder: fortran === "True",
    shape: shape
      .split(",")
      .map((part) => part.trim().replace(/L$/, ""))
      .filter((part) => part !== "")
      .map(Number),
    dataOffset: start + length,
  };
}

/** Fortran order (first axis fastest) to row-major. */
function toRowMajor(
  data: NumericArray,
  shape: readonly number[],
  allocate: (length: number) => NumericArray,
): NumericArray {
  const result = allocate(data.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let place = 0; place < result.length; place++) {
    let from = 0;
    for (let axis = 0; axis < shape.length; axis++) from += index[axis]! * strides[axis]!;
    result[place] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Decodes a NumPy array file (.npy, versions 1 to 3; NumPy Enhancement Proposal 1). Types: bool,
 * (u)int8 to (u)int64, float32, float64 of either byte order, row-major or Fortran order. 64-bit
 * whole numbers become float64. The result owns its memory.
 * @throws SurprisalError when the bytes are something else, or their number contradicts the shape
 */
export function decodeNpy(bytes: Uint8Array): NDArray {
  const { descr, fortranOrder, shape, dataOffset } = readHeader(bytes);
  const type = elementTypes[descr.slice(1)];
  const order = descr[0] ?? "";
  if (type === undefined || !"<>|=".includes(order)) {
    const hint = descr.includes("O")
      ? "it holds Python objects; save plain numbers"
      : "use numbers of 8 to 64 bits";
    throw new SurprisalError(`its type "${descr}" is not supported: ${hint}`);
  }
  const length = shape.reduce((a, b) => a * b, 1);
  const available = bytes.length - dataOffset;
  if (!Number.isSafeInteger(length) || length * type.bytes !== available) {
    throw new SurprisalError(
      `its shape (${shape.join(", ")}) of type "${descr}" needs ${length * type.bytes} bytes and it holds ${available}`,
    );
  }
  const littleEndian = order === "<" || order === "|" || (order === "=" && isLittleEndian);
  const data = type.allocate(length);
  if (
    data.BYTES_PER_ELEMENT === type.bytes &&
    littleEndian === isLittleEndian &&
    descr.slice(1) !== "b1" &&
    length > 0
  ) {
    if (/^[iu]8$/.test(descr.slice(1))) decodeEach(bytes, dataOffset, data, type, littleEndian);
    else new Uint8Array(data.buffer).set(bytes.subarray(dataOffset));
  } else {
    decodeEach(bytes, dataOffset, data, type, littleEndian);
  }
  return { data: fortranOrder && shape.length > 1 ? toRowMajor(data, shape, type.allocate) : data, shape };
}

function decodeEach(
  bytes: Uint8Array,
  offset: number,
  into: NumericArray,
  type: ElementType,
  littleEndian: boolean,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < into.length; i++) into[i] = type.read(view, offset + i * type.bytes, littleEndian);
}

function typeName(data: NumericArray): string {
  if (data instanceof Float32Array) return "<f4";
  if (data instanceof Float64Array) return "<f8";
  if (data instanceof Int8Array) return "|i1";
  if (data instanceof Int16Array) return "<i2";
  if (data instanceof Uint16Array) return "<u2";
  if (data instanceof Int32Array) return "<i4";
  if (data instanceof Uint32Array) return "<u4";
  return "|u1";
}

/**
 * Encodes an array as .npy version 1, row-major, little-endian.
 * @throws SurprisalError when the shape contradicts the number of values
 */
export function encodeNpy({ data, shape }: NDArray): Uint8Array {
  const length = shape.reduce((a, b) => a * b, 1);
  if (length !== data.length) {
    throw new SurprisalError(`The shape (${shape.join(", ")}) needs ${length} values, not ${data.length}.`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  let header = `{'descr': '${typeName(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  header += `${" ".repeat((64 - ((10 + header.length + 1) % 64)) % 64)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([...magic, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  const start = 10 + header.length;
  if (isLittleEndian) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    const at = start + i * data.BYTES_PER_ELEMENT;
    if (data instanceof Float32Array) view.setFloat32(at, value, true);
    else if (data instanceof Float64Array) view.setFloat64(at, value, true);
    else if (data.BYTES_PER_ELEMENT === 1) view.setUint8(at, value & 255);
    else if (data.BYTES_PER_ELEMENT === 2) view.setUint16(at, value & 65535, true);
    else view.setUint32(at, value >>> 0, true);
  });
  return bytes;
}
