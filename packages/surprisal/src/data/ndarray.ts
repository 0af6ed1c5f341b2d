/** Numbers that a user may hand over as a flat, row-major array. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** A numeric array with its shape; the first axis counts rows. Images are `[n, height, width, channels]`. */
export interface NDArray {
  readonly data: NumericArray;
  readonly shape: readonly number[];
}
