import { int, ints } from "../onnx/attribute.js";
import type { DType } from "../tensor/dtype.js";
import type { WindowAttributes } from "../tensor/operators.js";
import { type Dim, isSymbolic, staticDim } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { inKernelDType } from "./kernels.js";
import type { Attributes, EmitContext, Rules } from "./rule.js";
import { addReshape } from "./shapes.js";

/** Strides, padding and dilations as ONNX names and orders them. */
export function windowToOnnx({ strides, padding, dilations }: WindowAttributes): Attributes {
  const [top, bottom, left, right] = padding;
  return {
    strides: ints(strides),
    pads: ints([top, left, bottom, right]),
    dilations: ints(dilations),
  };
}

function namesOf(x: Tensor, context: EmitContext): string[] {
  return x.operands.map((operand) => context.nameOf(operand));
}

function emitConv(x: Tensor<DType, "conv">, context: EmitContext): string {
  const attributes = { ...windowToOnnx(x.attributes), group: int(x.attributes.groups) };
  return inKernelDType(context, "Conv", x.dtype, namesOf(x, context), (inputs) =>
    context.add("Conv", inputs, attributes),
  );
}

function emitConvTranspose(x: Tensor<DType, "convTranspose">, context: EmitContext): string {
  const { strides, padding, dilations, groups, outputSize } = x.attributes;
  const [y, kernel] = x.operands as [Tensor, Tensor];
  // What the transposed window reaches; several sizes convolve to y's size, and these rows and
  // columns at the end tell them apart.
  const missing = ([0, 1] as const).map((axis) => {
    const size = staticDim(y.shape[2 + axis], "convTranspose");
    const reach = (staticDim(kernel.shape[2 + axis], "convTranspose") - 1) * dilations[axis] + 1;
    return (
      outputSize[axis] - ((size - 1) * strides[axis] + reach - padding[2 * axis]! - padding[2 * axis + 1]!)
    );
  });
  const attributes = {
    ...windowToOnnx(x.attributes),
    group: int(groups),
    output_padding: ints(missing),
  };
  return inKernelDType(context, "ConvTranspose", x.dtype, namesOf(x, context), (inputs) =>
    context.add("ConvTranspose", inputs, attributes),
  );
}

/**
 * Σ over images and places of x · y is a convolution too: the batch takes the part of the
 * channels, y is the kernel, and strides and dilations change places.
 */
function emitKernelGradient(x: Tensor<DType, "convKernelGradient">, context: EmitContext): string {
  const [data, outer] = x.operands as [Tensor, Tensor];
  const { strides, dilations, padding, groups, kernel } = x.attributes;
  const [batch, channels, height, width] = data.shape as [Dim, Dim, Dim, Dim];
  const perGroup = staticDim(channels, "convKernelGradient") / groups;
  return inKernelDType(context, "Conv", x.dtype, namesOf(x, context), ([from, to]) => {
    let input = from as string;
    if (groups === 1) input = context.add("Transpose", [input], { perm: ints([1, 0, 2, 3]) });
    else {
      const split = [batch, groups, perGroup, height, width];
      const stacked = isSymbolic(batch)
        ? { symbol: batch.symbol, factor: batch.factor * groups }
        : batch * groups;
      input = addReshape(context, input, data.shape, split);
      input = context.add("Transpose", [input], { perm: ints([2, 1, 0, 3, 4]) });
      input = addReshape(
        context,
        input,
        [perGroup, groups, batch, height, width],
        [perGroup, stacked, height, width],
      );
    }
    const taps = context.add("Transpose", [to as string], { perm: ints([1, 0, 2, 3]) });
    const product = context.add("Conv", [input, taps], {
      ...windowToOnnx({ strides: dilations, dilations: strides, padding }),
      group: int(groups),
    });
    // Rows and columns that the strides leave over make further, meaningless taps.
    const made = ([0, 1] as const).map((axis) => {
      const size = staticDim(data.shape[2 + axis], "convKernelGradient");
      const reach = (staticDim(outer.shape[2 + axis], "convKernelGradient") - 1) * strides[axis] + 1;
      const padded = size + padding[2 * axis]! + padding[2 * axis + 1]!;
      return Math.floor((padded - reach) / dilations[axis]) + 1;
    });
    const isExact = made[0] === kernel[0] && made[1] === kernel[1];
    const wanted = isExact
      ? product
      : context.add("Slice", [product, context.int64([0, 0]), context.int64(kernel), context.int64([2, 3])]);
    return context.add("Transpose", [wanted], { perm: ints([1, 0, 2, 3]) });
  });
}

export const convolutionRules: Rules<"conv" | "convTranspose" | "convKernelGradient"> = {
  conv: { emit: emitConv },
  convTranspose: { emit: emitConvTranspose },
  convKernelGradient: { emit: emitKernelGradient },
};
