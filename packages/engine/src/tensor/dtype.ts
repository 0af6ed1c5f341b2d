/** Element types of a tensor, named as numpy names them. */
export type DType = "float32" | "float64" | "int32" | "int64" | "uint8" | "bool" | "string";

export type FloatDType = "float32" | "float64";
export type IntegerDType = "int32" | "int64" | "uint8";
export type NumericDType = FloatDType | IntegerDType;

/** The array that holds a tensor's elements on the JavaScript side, row-major. `bool` is one byte an element. */
export interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
  string: string[];
}

export type HostArray = ArrayOf[DType];

/** Concrete values with a concrete shape: what goes into and comes out of a program. */
export interface HostTensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf[D];
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float32" || dtype === "float64";
}

/** A zero-filled array of `length` elements of the given type. */
export function allocate<D extends DType>(dtype: D, length: number): ArrayOf[D] {
  const make: { [K in DType]: () => ArrayOf[K] } = {
    float32: () => new Float32Array(length),
    float64: () => new Float64Array(length),
    int32: () => new Int32Array(length),
    int64: () => new BigInt64Array(length),
    uint8: () => new Uint8Array(length),
    bool: () => new Uint8Array(length),
    string: () => new Array<string>(length).fill(""),
  };
  return make[dtype]() as ArrayOf[D];
}

/** An array of the given type holding `values`; integers are truncated, `bool` is 0 or 1. */
export function arrayFrom<D extends DType>(
  dtype: D,
  values: ArrayLike<number | bigint | boolean | string>,
): ArrayOf[D] {
  const array = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | bigint | boolean | string;
    if (dtype === "string") (array as string[])[i] = String(value);
    else if (dtype === "int64")
      (array as BigInt64Array)[i] = BigInt(typeof value === "number" ? Math.trunc(value) : value);
    else if (dtype === "bool") (array as Uint8Array)[i] = value ? 1 : 0;
    else (array as Float32Array)[i] = Number(value);
  }
  return array;
}
