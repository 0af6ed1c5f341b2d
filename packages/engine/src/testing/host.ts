import { arrayFrom, type DType, type HostTensor } from "../tensor/dtype.js";

/** Concrete values; one dimension unless a shape is given. */
export function host<D extends DType = "float32">(
  values: ArrayLike<number | bigint | boolean | string>,
  shape: readonly number[] = [values.length],
  dtype: D = "float32" as D,
): HostTensor<D> {
  return { dtype, shape, data: arrayFrom(dtype, values) };
}

/** Whole numbers from 0 in row-major order, mapped: quick test data. */
export function filled(shape: readonly number[], value: (index: number) => number): HostTensor<"float32"> {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return host(
    Array.from({ length: size }, (_, i) => value(i)),
    shape,
  );
}
