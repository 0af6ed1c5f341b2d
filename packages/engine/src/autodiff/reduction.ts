import { cast, div, equal, mul } from "../tensor/elementwise.js";
import { broadcastTo, pad, reshape, slice, transpose } from "../tensor/movement.js";
import type { Operator, ReduceAttributes } from "../tensor/operators.js";
import { cumsum, sum } from "../tensor/reduction.js";
import { sizeOf, staticDim } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Float, operand, type Rule, type Rules } from "./rule.js";

/** A reduced tensor with its reduced axes back as length 1, so that it broadcasts over x. */
function restored(reduced: Float, x: Float, { axes, keepDims }: ReduceAttributes): Float {
  if (keepDims || axes.every((axis, i) => axis === i)) return reduced;
  return reshape(
    reduced,
    x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  );
}

/** The gradient of an extreme value goes to the elements that attain it, in equal parts. */
const extreme: Rule<"max" | "min"> = (gradient, output) => {
  const x = operand(output, 0);
  return [
    () => {
      const attains = cast(equal(x, restored(output, x, output.attributes)), x.dtype) as Float;
      const count = sum(attains, { axis: output.attributes.axes, keepDims: true });
      const part = div(restored(gradient, x, output.attributes), count) as Float;
      return mul(attains, part) as Float;
    },
  ];
};

/** For each element of the last axis, the product of those before it (after it when reversed). */
function productOfOthers(x: Float, reverse: boolean): Float {
  const axis = x.shape.length - 1;
  const length = staticDim(x.shape[axis], "the gradient of prod");
  const shift = (values: Float, by: number): Float => {
    const kept = slice(values, { [axis]: reverse ? { start: by } : { end: length - by } });
    const width: [number, number] = reverse ? [0, by] : [by, 0];
    return pad(
      kept,
      x.shape.map((_, i) => (i === axis ? width : [0, 0])),
      1,
    );
  };
  let running = shift(x, 1);
  for (let by = 1; by < length; by *= 2) running = mul(running, shift(running, by)) as Float;
  return running;
}

/**
 * Each element's derivative is the product of the others, made of products only (a scan in
 * log2(n) steps), so that it is exact when elements are zero, at every order.
 */
const prodRule: Rule<"prod"> = (gradient, output) => {
  const x = operand(output, 0);
  const { axes } = output.attributes;
  return [
    () => {
      const kept = x.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]));
      const order = [...kept, ...axes];
      const moved = transpose(x, order);
      const size = sizeOf(axes.map((axis) => x.shape[axis]!));
      const rows = reshape(moved, [...kept.map((axis) => x.shape[axis]!), size]);
      const others = mul(productOfOthers(rows, false), productOfOthers(rows, true)) as Float;
      const inverse = order.map((_, i) => order.indexOf(i));
      const back = transpose(reshape(others, moved.shape), inverse);
      return mul(back, restored(gradient, x, output.attributes)) as Float;
    },
  ];
};

type Reduction = Extract<Operator, "sum" | "prod" | "max" | "min" | "argMax" | "argMin" | "cumsum">;

export const reductionRules: Rules<Reduction> = {
  sum: (gradient, output) => {
    const x = operand(output, 0);
    return [() => broadcastTo(restored(gradient, x, output.attributes), x.shape)];
  },
  prod: prodRule,
  max: extreme as Rule<"max">,
  min: extreme as Rule<"min">,
  argMax: "none",
  argMin: "none",
  cumsum: (gradient, output: Tensor<Float["dtype"], "cumsum">) => {
    const { axis, exclusive, reverse } = output.attributes;
    return [() => cumsum(gradient, { axis, exclusive, reverse: !reverse })];
  },
};
