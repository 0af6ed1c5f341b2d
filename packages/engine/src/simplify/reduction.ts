import type { NumericDType } from "../tensor/dtype.js";
import { mul, neg } from "../tensor/elementwise.js";
import { reshape } from "../tensor/movement.js";
import type { ReduceAttributes } from "../tensor/operators.js";
import { max, min, prod, sum } from "../tensor/reduction.js";
import { isStatic, type Shape, sizeOf } from "../tensor/shape.js";
import { isOperator, type Tensor } from "../tensor/tensor.js";
import { firstOf, operand, type Rewrite, type Rewrites } from "./rule.js";

type Numeric = Tensor<NumericDType>;
type Reduction = "sum" | "prod" | "max" | "min";
const builders = { sum, prod, max, min };

function reduce(operator: Reduction, x: Tensor, { axes, keepDims }: ReduceAttributes): Tensor {
  return builders[operator](x as Numeric, { axis: axes, keepDims });
}

/** `operator` over axes of length 1 changes only the shape; such axes are left out. */
const skipUnitAxes: Rewrite<Reduction> = (x) => {
  const source = operand(x);
  const axes = x.attributes.axes.filter((axis) => source.shape[axis] !== 1);
  if (axes.length === x.attributes.axes.length) return undefined;
  return reshape(reduce(x.operator, source, { axes, keepDims: true }), x.shape);
};

/** A reduction of a reduction, in one. */
const merge: Rewrite<Reduction> = (x) => {
  const inner = operand(x);
  if (!isOperator(inner, x.operator)) return undefined;
  const { axes, keepDims } = inner.attributes as ReduceAttributes;
  const source = operand(inner);
  const kept = source.shape.flatMap((_, axis) => (keepDims || !axes.includes(axis) ? [axis] : []));
  const outer = x.attributes.axes.map((axis) => kept[axis] as number);
  const all = [...new Set([...axes, ...outer])].sort((a, b) => a - b);
  return reshape(reduce(x.operator, source, { axes: all, keepDims: false }), x.shape);
};

/** A reduction of a transposition, where the axes that stay keep their order. */
const skipTranspose: Rewrite<Reduction> = (x) => {
  const inner = operand(x);
  if (!isOperator(inner, "transpose")) return undefined;
  const { permutation } = inner.attributes;
  const { axes } = x.attributes;
  const kept = permutation.filter((_, i) => !axes.includes(i));
  if (kept.some((axis, i) => i > 0 && axis < (kept[i - 1] as number))) return undefined;
  const moved = axes.map((axis) => permutation[axis] as number).sort((a, b) => a - b);
  return reshape(reduce(x.operator, operand(inner), { axes: moved, keepDims: false }), x.shape);
};

/** A reduction of all elements does not depend on their arrangement. */
const skipReshape: Rewrite<Reduction> = (x) => {
  const inner = operand(x);
  if (!isOperator(inner, "reshape") || x.attributes.axes.length !== inner.shape.length) return undefined;
  const source = operand(inner);
  const axes = source.shape.map((_, axis) => axis);
  return reshape(reduce(x.operator, source, { axes, keepDims: false }), x.shape);
};

/**
 * A reduction along repeated axes: the sum is a multiple, the largest and smallest are those of
 * the source. Returns the reduction of the source and how often each of its elements was counted.
 */
function ofSource(x: Tensor<Numeric["dtype"], Reduction>): { value: Tensor; count: number } | undefined {
  const inner = operand(x);
  if (!isOperator(inner, "broadcastTo")) return undefined;
  const source = operand(inner);
  const lead = inner.shape.length - source.shape.length;
  const aligned = (axis: number) => source.shape[axis - lead] ?? 1;
  const repeated = x.attributes.axes.filter((axis) => aligned(axis) === 1 && inner.shape[axis] !== 1);
  const lengths: Shape = repeated.map((axis) => inner.shape[axis]!);
  if (repeated.length === 0 || !isStatic(lengths)) return undefined;
  const rest = inner.shape.map((dim, axis) => (repeated.includes(axis) ? 1 : dim));
  const shorter = { ...inner, attributes: { shape: rest }, shape: rest };
  const value = reduce(x.operator, shorter, x.attributes);
  return { value, count: sizeOf(lengths) as number };
}

const sumOfBroadcast: Rewrite<"sum"> = (x) => {
  const found = ofSource(x as Tensor<NumericDType, "sum">);
  return found?.count ? mul(found.value as Numeric, found.count) : undefined;
};

const extremeOfBroadcast: Rewrite<"max" | "min"> = (x) => {
  const found = ofSource(x as Tensor<NumericDType, "max" | "min">);
  return found?.count ? found.value : undefined;
};

/** Zeros added along axes that are summed change nothing. */
const sumOfPad: Rewrite<"sum"> = (x) => {
  const inner = operand(x);
  if (!isOperator(inner, "pad") || inner.attributes.value !== 0) return undefined;
  const { before, after } = inner.attributes;
  const isSummed = before.every(
    (width, axis) => width + after[axis]! === 0 || x.attributes.axes.includes(axis),
  );
  return isSummed ? reduce("sum", operand(inner), x.attributes) : undefined;
};

const sumOfNeg: Rewrite<"sum"> = (x) => {
  const inner = operand(x);
  return isOperator(inner, "neg") ? neg(reduce("sum", operand(inner), x.attributes) as Numeric) : undefined;
};

const common = firstOf(skipUnitAxes, merge, skipTranspose, skipReshape);

export const reductionRewrites: Rewrites<Reduction> = {
  sum: firstOf<"sum">(common as Rewrite<"sum">, sumOfBroadcast, sumOfPad, sumOfNeg),
  prod: common as Rewrite<"prod">,
  max: firstOf<"max">(common as Rewrite<"max">, extremeOfBroadcast as Rewrite<"max">),
  min: firstOf<"min">(common as Rewrite<"min">, extremeOfBroadcast as Rewrite<"min">),
};
