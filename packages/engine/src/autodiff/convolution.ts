import type { ConvAttributes } from "../tensor/operators.js";
import type { Dim } from "../tensor/shape.js";
import { node } from "../tensor/tensor.js";
import { type Float, operand, type Rules } from "./rule.js";

type Convolution = "conv" | "convTranspose" | "convKernelGradient";
type Pair = readonly [number, number];

function geometry({ strides, padding, dilations, groups }: ConvAttributes): ConvAttributes {
  return { strides, padding, dilations, groups };
}

/** Rows and columns of NCHW data or of a kernel. */
function lastTwo(x: Float): Pair {
  return [x.shape[2] as number, x.shape[3] as number];
}

/** conv of x with `kernel`, of the shape of `like`. */
function conv(x: Float, kernel: Float, attributes: ConvAttributes, like: Float): Float {
  return node("conv", [x, kernel], geometry(attributes), like.shape, x.dtype);
}

function convTranspose(y: Float, kernel: Float, attributes: ConvAttributes, like: Float): Float {
  const outputSize = lastTwo(like);
  return node("convTranspose", [y, kernel], { ...geometry(attributes), outputSize }, like.shape, y.dtype);
}

function convKernelGradient(x: Float, y: Float, attributes: ConvAttributes, like: Float): Float {
  const kernel = lastTwo(like);
  const shape: Dim[] = [...like.shape];
  return node("convKernelGradient", [x, y], { ...geometry(attributes), kernel }, shape, x.dtype);
}

/**
 * The trilinear form ⟨conv(x, kernel), y⟩ has these three as its derivatives in y, x and kernel.
 * Each is linear in its two operands, so each one's gradients are the other two.
 */
export const convolutionRules: Rules<Convolution> = {
  conv: (gradient, output) => {
    const [x, kernel] = [operand(output, 0), operand(output, 1)];
    return [
      () => convTranspose(gradient, kernel, output.attributes, x),
      () => convKernelGradient(x, gradient, output.attributes, kernel),
    ];
  },
  convTranspose: (gradient, output) => {
    const [y, kernel] = [operand(output, 0), operand(output, 1)];
    return [
      () => conv(gradient, kernel, output.attributes, y),
      () => convKernelGradient(gradient, y, output.attributes, kernel),
    ];
  },
  convKernelGradient: (gradient, output) => {
    const [x, y] = [operand(output, 0), operand(output, 1)];
    return [
      () => convTranspose(y, gradient, output.attributes, x),
      () => conv(x, gradient, output.attributes, y),
    ];
  },
};
