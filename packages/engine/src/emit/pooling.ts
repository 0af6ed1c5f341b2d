import { ints } from "../onnx/attribute.js";
import { windowToOnnx } from "./convolution.js";
import { inKernelDType } from "./kernels.js";
import type { Rule, Rules } from "./rule.js";

function pool<O extends "maxPool" | "averagePool">(opType: string): Rule<O> {
  return {
    emit: (x, context) => {
      const attributes = x.attributes as Parameters<typeof windowToOnnx>[0] & { kernel: readonly number[] };
      return inKernelDType(context, opType, x.dtype, [context.nameOf(x.operands[0]!)], (inputs) =>
        context.add(opType, inputs, { ...windowToOnnx(attributes), kernel_shape: ints(attributes.kernel) }),
      );
    },
  };
}

/** ONNX leaves padding out of an average unless told otherwise. */
export const poolingRules: Rules<"maxPool" | "averagePool"> = {
  maxPool: pool("MaxPool"),
  averagePool: pool("AveragePool"),
};
