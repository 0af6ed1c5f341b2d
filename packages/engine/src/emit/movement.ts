import { int, ints } from "../onnx/attribute.js";
import { arrayFrom, type DType, type HostTensor } from "../tensor/dtype.js";
import { isSymbolic, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { EmitContext, Rules } from "./rule.js";
import { addExpand, addReshape } from "./shapes.js";

/** The largest end ONNX takes as "to the end of the axis". */
const toTheEnd = Number.MAX_SAFE_INTEGER;

function emitSlice(x: Tensor<DType, "slice">, context: EmitContext): string {
  const { starts, ends, steps } = x.attributes;
  const source = x.operands[0] as Tensor;
  const axes = source.shape.flatMap((dim, axis) => {
    const isWhole = starts[axis] === 0 && steps[axis] === 1;
    return isWhole && (ends[axis] === undefined || ends[axis] === dim) ? [] : [axis];
  });
  const pick = (values: readonly (number | undefined)[]) => axes.map((axis) => values[axis] ?? toTheEnd);
  const bounds = [pick(starts), pick(ends), axes, pick(steps)];
  return context.add("Slice", [context.nameOf(source), ...bounds.map((values) => context.int64(values))]);
}

/** Runs of neighbouring axes, so that each run is reversed as one merged axis. */
function runsOf(axes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const axis of axes) {
    const last = runs.at(-1);
    if (last && last.at(-1) === axis - 1) last.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

function reverse(context: EmitContext, name: string, axes: readonly number[]): string {
  const last = axes.map(() => -1);
  const bounds = [last, axes.map(() => -toTheEnd), axes, last];
  return context.add("Slice", [name, ...bounds.map((values) => context.int64(values))]);
}

/**
 * Neighbouring axes are merged and reversed as one, which is faster than a Slice over several axes;
 * a Gather by falling indices is slower still on the last axis.
 */
function emitFlip(x: Tensor<DType, "flip">, context: EmitContext): string {
  let name = context.nameOf(x.operands[0]!);
  for (const run of runsOf(x.attributes.axes)) {
    const [first] = run as [number];
    const dims = x.shape.slice(first, first + run.length);
    if (run.length === 1 || dims.filter(isSymbolic).length > 1) {
      name = reverse(context, name, run);
      continue;
    }
    const merged = [...x.shape.slice(0, first), sizeOf(dims), ...x.shape.slice(first + run.length)];
    name = addReshape(context, name, x.shape, merged);
    name = reverse(context, name, [first]);
    name = addReshape(context, name, merged, x.shape);
  }
  return name;
}

function emitPad(x: Tensor<DType, "pad">, context: EmitContext): string {
  const { before, after, value } = x.attributes;
  const axes = x.shape.flatMap((_, axis) => (before[axis] === 0 && after[axis] === 0 ? [] : [axis]));
  const widths = [...axes.map((axis) => before[axis]!), ...axes.map((axis) => after[axis]!)];
  const fill = { dtype: x.dtype, shape: [], data: arrayFrom(x.dtype, [value]) } as HostTensor;
  return context.add("Pad", [
    context.nameOf(x.operands[0]!),
    context.int64(widths),
    context.constant(fill),
    context.int64(axes),
  ]);
}

export const movementRules: Rules<
  "reshape" | "transpose" | "broadcastTo" | "slice" | "flip" | "pad" | "concat"
> = {
  reshape: {
    emit: (x, context) => {
      const source = x.operands[0] as Tensor;
      return addReshape(context, context.nameOf(source), source.shape, x.shape);
    },
  },
  transpose: {
    emit: (x, context) =>
      context.add("Transpose", [context.nameOf(x.operands[0]!)], { perm: ints(x.attributes.permutation) }),
  },
  broadcastTo: {
    emit: (x, context) => {
      const source = x.operands[0] as Tensor;
      return addExpand(context, context.nameOf(source), source.shape, x.shape);
    },
  },
  slice: { emit: emitSlice },
  flip: { emit: emitFlip },
  pad: { emit: emitPad },
  concat: {
    emit: (x, context) =>
      context.add(
        "Concat",
        x.operands.map((operand) => context.nameOf(operand)),
        { axis: int(x.attributes.axis) },
      ),
  },
};
