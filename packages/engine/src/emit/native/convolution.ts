import { staticDim, staticShape } from "../../tensor/shape.js";
import { isOperator, type Tensor } from "../../tensor/tensor.js";
import type { NativeBuilder } from "./builder.js";
import { shaped } from "./builder.js";
import { correlate } from "./correlation.js";
import type { Fusion } from "./fusion.js";

import { plainName } from "./rearrange.js";
import { emitTransposed } from "./transposed.js";
import type { Value } from "./value.js";
import { emitWholeKernelGradient } from "./whole-kernel.js";

type Four = readonly [number, number, number, number];

function four(tensor: Tensor): Four {
  return staticShape(tensor.shape, tensor.operator) as Four;
}

function stored(builder: NativeBuilder, kernel: Tensor) {
  const [first, second, height, width] = four(kernel);
  const name = shaped(builder, plainName(builder, builder.valueOf(kernel)), four(kernel), [
    first,
    second,
    height * width,
  ]);
  return { name, first, second, storedTaps: height * width };
}

/** A convolution, or its transpose, with what is fused into it; undefined where no native way fits. */
export function emitConvolution(builder: NativeBuilder, fusion: Fusion): Value | undefined {
  const { convolution: x, ...epilogue } = fusion;
  const [data, kernel] = x.operands as [Tensor, Tensor];
  const [, , height, width] = four(kernel);
  if (isOperator(x, "conv")) {
    if (x.attributes.groups !== 1) return undefined;
    const own = stored(builder, kernel);
    return correlate(builder, {
      x: builder.valueOf(data),
      kernel: {
        ...own,
        isExchanged: false,
        taps: Array.from({ length: own.storedTaps }, (_, tap) => tap),
        size: [height, width],
      },
      window: x.attributes,
      shape: four(x),
      epilogue,
    });
  }
  if (!isOperator(x, "convTranspose") || x.attributes.groups !== 1) return undefined;
  const { strides, padding, dilations } = x.attributes;
  return emitTransposed(builder, {
    y: builder.valueOf(data),
    kernel: stored(builder, kernel),
    kernelSize: [height, width],
    strides,
    before: [padding[0], padding[2]],
    dilations,
    shape: four(x),
    epilogue,
  });
}

/** The gradient of a convolution for its kernel; undefined where no native way fits. */
export function emitGradientOfKernel(builder: NativeBuilder, x: Tensor): Value | undefined {
  if (!isOperator(x, "convKernelGradient") || x.attributes.groups !== 1) return undefined;
  const [data, outer] = x.operands as [Tensor, Tensor];
  const { strides, padding, dilations, kernel } = x.attributes;
  return emitWholeKernelGradient(builder, {
    x: builder.valueOf(data),
    y: builder.valueOf(outer),
    strides,
    dilations,
    before: [padding[0], padding[2]],
    kernel: [staticDim(kernel[0], x.operator), staticDim(kernel[1], x.operator)],
  });
}
