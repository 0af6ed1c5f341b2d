import type { NumericDType } from "./dtype.js";
import { type IndexTensor, takeAlongAxis } from "./indexing.js";
import { normalizeAxis, staticDim } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

export interface TopKOptions {
  /** Default the last axis. */
  readonly axis?: number;
  /** The largest (default) or the smallest entries. */
  readonly largest?: boolean;
}

/** The k largest (or smallest) entries along an axis, best first, and their int64 indices. */
export function topK<D extends NumericDType>(
  x: Tensor<D>,
  k: number,
  { axis = -1, largest = true }: TopKOptions = {},
): { values: Tensor<D>; indices: Tensor<"int64"> } {
  const at = normalizeAxis(axis, x.shape.length);
  const size = staticDim(x.shape[at], "topK");
  if (!Number.isInteger(k) || k < 1 || k > size) throw new RangeError(`topK: k = ${k} is not in 1..${size}`);
  const shape = x.shape.map((dim, i) => (i === at ? k : dim));
  const indices = node("topKIndices", [x], { k, axis: at, largest }, shape, "int64");
  return { values: takeAlongAxis(x, indices as IndexTensor, at), indices };
}

/** int64 indices that sort x along an axis, ascending unless told otherwise. */
export function argSort<D extends NumericDType>(
  x: Tensor<D>,
  { axis = -1, descending = false }: { readonly axis?: number; readonly descending?: boolean } = {},
): Tensor<"int64"> {
  const size = staticDim(x.shape[normalizeAxis(axis, x.shape.length)], "argSort");
  return topK(x, size, { axis, largest: descending }).indices;
}

/** x sorted along an axis, ascending unless told otherwise. */
export function sort<D extends NumericDType>(
  x: Tensor<D>,
  { axis = -1, descending = false }: { readonly axis?: number; readonly descending?: boolean } = {},
): Tensor<D> {
  const size = staticDim(x.shape[normalizeAxis(axis, x.shape.length)], "sort");
  return topK(x, size, { axis, largest: descending }).values;
}
