import {
  type Arrangement,
  broadcast,
  canonical,
  isPadded,
  isRepeated,
  partSizes,
  plain,
  transposed,
  withoutRepeats,
} from "../../layout/arrangement.js";
import { int } from "../../onnx/attribute.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { rearranged, restricted, storedSize } from "./rearrange.js";
import type { Value } from "./value.js";

/** A value seen as a matrix in memory: rows and columns are groups of physical axes. */
interface Matrix {
  readonly value: Value;
  /** Whether the columns' axis comes first in memory. */
  readonly isTransposed: boolean;
}

function asMatrix(builder: NativeBuilder, value: Value): Matrix {
  const { arrangement } = value;
  const [rows, columns] = arrangement.parts as [readonly number[], readonly number[]];
  const isWhole =
    !isPadded(arrangement) && !arrangement.shape.some((_, axis) => isRepeated(arrangement, axis));
  if (isWhole && Math.max(-1, ...rows) < Math.min(Infinity, ...columns))
    return { value, isTransposed: false };
  if (isWhole && Math.max(-1, ...columns) < Math.min(Infinity, ...rows)) return { value, isTransposed: true };
  return { value: rearranged(builder, value, plain(arrangement.shape)), isTransposed: false };
}

/** The order in memory of the parts of one axis. */
function memoryOrder(arrangement: Arrangement, axis: number): number[] {
  const list = arrangement.parts[axis]!;
  const sorted = list.toSorted((a, b) => a - b);
  return sorted.map((part) => list.indexOf(part));
}

/** `axis` (of two) laid out as `sizes` in the order given, the other axis row-major after or before. */
function matrixLike(
  shape: readonly number[],
  axis: 0 | 1,
  sizes: readonly number[],
  order: readonly number[],
): Arrangement {
  const own = order.map((_, place) => order.indexOf(place));
  const other = shape[1 - axis]!;
  const parts = sizes.map((_, i) => own[i]! + (axis === 1 ? 1 : 0));
  return canonical(
    axis === 1
      ? { shape, sizes: [other, ...order.map((i) => sizes[i]!)], parts: [[0], parts] }
      : { shape, sizes: [...order.map((i) => sizes[i]!), other], parts: [parts, [order.length]] },
  );
}

/** The value with the sum's axis in the order of the other operand's. */
function withOrder(
  builder: NativeBuilder,
  matrix: Matrix,
  axis: 0 | 1,
  like: Arrangement,
  likeAxis: 0 | 1,
): Matrix {
  const { shape } = matrix.value.arrangement;
  const target = matrixLike(shape, axis, partSizes(like)[likeAxis]!, memoryOrder(like, likeAxis));
  return asMatrix(builder, rearranged(builder, matrix.value, target));
}

function isInOrder(arrangement: Arrangement, axis: number): boolean {
  return memoryOrder(arrangement, axis).every((part, place) => part === place);
}

/** Arrangement of a product whose rows lie as the left's and columns as the right's. */
function productArrangement(shape: readonly number[], left: Arrangement, right: Arrangement): Arrangement {
  const sizes: number[] = [];
  const parts = (
    [
      [left, 0],
      [right, 1],
    ] as const
  ).map(([from, axis]) => {
    const order = memoryOrder(from, axis);
    const start = sizes.length;
    sizes.push(...order.map((i) => from.sizes[from.parts[axis]![i]!]!));
    return from.parts[axis]!.map((_, i) => start + order.indexOf(i));
  });
  return canonical({ shape, sizes, parts });
}

/** A bias that broadcasts over the product, its columns and rows in the product's order. */
function biasName(builder: NativeBuilder, bias: Tensor, like: Arrangement): string {
  const value = builder.valueOf(bias);
  const wide = broadcast(value.arrangement, like.shape);
  const cut = { ...value, arrangement: withoutRepeats(wide) };
  const { shape } = cut.arrangement;
  const aligned = rearranged(builder, cut, restricted(like, shape));
  return shaped(builder, aligned.name, aligned.dims, shape);
}

/** The operands of a product, or of its transpose, as matrices. */
function factorsOf(builder: NativeBuilder, { product, isTransposed }: Product): [Matrix, Matrix] {
  const values = product.operands.map((operand) => builder.valueOf(operand));
  const seen = isTransposed
    ? values.toReversed().map((value) => ({ ...value, arrangement: transposed(value.arrangement, [1, 0]) }))
    : values;
  return seen.map((value) => asMatrix(builder, value)) as [Matrix, Matrix];
}

/** A product of two float32 matrices, or the transpose of one, and what Gemm adds to it. */
export interface Product {
  readonly product: Tensor;
  readonly isTransposed: boolean;
  readonly bias?: Tensor;
}

/**
 * The sum runs over the shared axis in the order in which the larger operand has it; Gemm reads
 * transposed operands in place.
 */
export function emitProduct(builder: NativeBuilder, spec: Product): Value {
  const own = spec.product.shape as readonly number[];
  const shape = spec.isTransposed ? own.toReversed() : own;
  let [left, right] = factorsOf(builder, spec);
  const [a, b] = [left.value.arrangement, right.value.arrangement];
  if (!isInOrder(a, 1) || !isInOrder(b, 0)) {
    const isLeftKept = storedSize(left.value) >= storedSize(right.value);
    if (isLeftKept) right = withOrder(builder, right, 0, a, 1);
    else left = withOrder(builder, left, 1, b, 0);
  }
  const [rows, inner] = left.value.arrangement.shape as [number, number];
  const columns = right.value.arrangement.shape[1]!;
  const leftDims = left.isTransposed ? [inner, rows] : [rows, inner];
  const rightDims = right.isTransposed ? [columns, inner] : [inner, columns];
  const inputs = [
    shaped(builder, left.value.name, left.value.dims, leftDims),
    shaped(builder, right.value.name, right.value.dims, rightDims),
  ];
  const arrangement = productArrangement(shape, left.value.arrangement, right.value.arrangement);
  if (spec.bias) inputs.push(biasName(builder, spec.bias, arrangement));
  const name = builder.context.add("Gemm", inputs, {
    ...(left.isTransposed ? { transA: int(1) } : {}),
    ...(right.isTransposed ? { transB: int(1) } : {}),
  });
  return { name, dims: shape, arrangement, dtype: "float32", isZeroPadded: true };
}
