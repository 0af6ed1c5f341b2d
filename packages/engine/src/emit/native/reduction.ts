import {
  type Arrangement,
  canonical,
  isPadded,
  isRepeated,
  plain,
  product,
} from "../../layout/arrangement.js";
import { int } from "../../onnx/attribute.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

/** Neighbouring physical axes that are all summed or all kept. */
interface Run {
  size: number;
  readonly isSummed: boolean;
}

function runsOf(arrangement: Arrangement, axes: readonly number[]): Run[] {
  const summed = new Set(axes.flatMap((axis) => arrangement.parts[axis]!));
  const runs: Run[] = [];
  for (const [part, size] of arrangement.sizes.entries()) {
    const last = runs.at(-1);
    if (last?.isSummed === summed.has(part)) last.size *= size;
    else runs.push({ size, isSummed: summed.has(part) });
  }
  return runs;
}

/**
 * Sums run by run, the innermost first. ONNX Runtime reduces the first or the last axis on all
 * threads but not one in the middle: a product with a row of ones does that.
 */
function addSums(builder: NativeBuilder, name: string, dims: readonly number[], runs: Run[]): string {
  const { context } = builder;
  let [current, from] = [name, dims];
  const left = runs.map((run) => ({ ...run }));
  for (let i = left.length - 1; i >= 0; i--) {
    const { size, isSummed } = left[i]!;
    if (!isSummed) continue;
    const before = product(left.slice(0, i).map((run) => run.size));
    const after = product(left.slice(i + 1).map((run) => run.size));
    if (before > 1 && after > 1) {
      const ones = context.constant({
        dtype: "float32",
        shape: [1, size],
        data: new Float32Array(size).fill(1),
      });
      current = context.add("MatMul", [ones, shaped(builder, current, from, [before, size, after])]);
      from = [before, 1, after];
    } else {
      // Without axes of length 1, which send ONNX Runtime along its slow path.
      const to = [before, size, after].filter((length) => length > 1);
      const axis = context.int64([before > 1 ? 1 : 0]);
      current = context.add("ReduceSum", [shaped(builder, current, from, to), axis], { keepdims: int(0) });
      from = to.filter((_, i) => i !== (before > 1 ? 1 : 0));
    }
    left.splice(i, 1);
  }
  return shaped(builder, current, from, [product(left.map((run) => run.size))]);
}

/** A sum of float32 values over whole axes, in the order in which the operand lies. */
export function emitSum(builder: NativeBuilder, x: Tensor<DType, "sum">): Value {
  let value = builder.valueOf(x.operands[0]!);
  const { axes, keepDims } = x.attributes;
  const isAwkward =
    axes.some((axis) => isRepeated(value.arrangement, axis)) ||
    (isPadded(value.arrangement) && !value.isZeroPadded);
  if (isAwkward) value = rearranged(builder, value, plain(value.arrangement.shape));
  const { arrangement } = value;
  const runs = runsOf(arrangement, axes);
  const name = addSums(builder, value.name, value.dims, runs);
  const summed = new Set(axes);
  const gone = new Set(axes.flatMap((axis) => arrangement.parts[axis]!));
  const kept = arrangement.sizes.flatMap((_, part) => (gone.has(part) ? [] : [part]));
  const axesKept = arrangement.shape.flatMap((_, axis) => (keepDims || !summed.has(axis) ? [axis] : []));
  const left = canonical({
    shape: axesKept.map((axis) => (summed.has(axis) ? 1 : arrangement.shape[axis]!)),
    sizes: kept.map((part) => arrangement.sizes[part]!),
    parts: axesKept.map((axis) =>
      summed.has(axis) ? [] : arrangement.parts[axis]!.map((part) => kept.indexOf(part)),
    ),
  });
  return {
    name,
    dims: [product(left.sizes)],
    arrangement: left,
    dtype: x.dtype,
    isZeroPadded: value.isZeroPadded,
  };
}
