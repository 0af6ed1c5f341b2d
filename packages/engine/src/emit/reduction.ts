import { int } from "../onnx/attribute.js";
import type { Operator } from "../tensor/operators.js";
import { inKernelDType } from "./kernels.js";
import type { Rule, Rules } from "./rule.js";

function reduce<O extends "sum" | "prod" | "max" | "min">(opType: string): Rule<O> {
  return {
    emit: (x, context) => {
      const { axes, keepDims } = x.attributes as { axes: readonly number[]; keepDims: boolean };
      return inKernelDType(context, opType, x.dtype, [context.nameOf(x.operands[0]!)], (inputs) =>
        context.add(opType, [...inputs, context.int64(axes)], { keepdims: int(keepDims ? 1 : 0) }),
      );
    },
  };
}

function argReduce<O extends Operator & ("argMax" | "argMin")>(opType: string): Rule<O> {
  return {
    emit: (x, context) => {
      const { axis, keepDims } = x.attributes as { axis: number; keepDims: boolean };
      const attributes = { axis: int(axis), keepdims: int(keepDims ? 1 : 0) };
      return context.add(opType, [context.nameOf(x.operands[0]!)], attributes);
    },
  };
}

export const reductionRules: Rules<"sum" | "prod" | "max" | "min" | "argMax" | "argMin" | "cumsum"> = {
  sum: reduce("ReduceSum"),
  prod: reduce("ReduceProd"),
  max: reduce("ReduceMax"),
  min: reduce("ReduceMin"),
  argMax: argReduce("ArgMax"),
  argMin: argReduce("ArgMin"),
  cumsum: {
    emit: (x, context) => {
      const { axis, exclusive, reverse } = x.attributes;
      return inKernelDType(context, "CumSum", x.dtype, [context.nameOf(x.operands[0]!)], (inputs) =>
        context.add("CumSum", [...inputs, context.scalar("int64", axis)], {
          exclusive: int(exclusive ? 1 : 0),
          reverse: int(reverse ? 1 : 0),
        }),
      );
    },
  },
};
