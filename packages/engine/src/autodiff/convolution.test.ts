import { lax } from "@jax-js/jax";
import fc from "fast-check";
import { conv2d, conv2dTranspose, windowOutput } from "../tensor/convolution.js";
import { node } from "../tensor/tensor.js";
import { type Draw, describeGradients, type Float } from "../testing/gradients.js";
import type { JaxArray } from "../testing/jax.js";

interface Window {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly groups: number;
}

interface Drawn extends Draw {
  readonly window: Window;
}

const small = (max: number) => fc.integer({ min: 1, max });
const width = fc.nat(2);

/** Shapes of x, kernel and conv(x, kernel), with strides, dilations, groups and uneven padding. */
const convolutions: fc.Arbitrary<Drawn> = fc
  .record({
    batch: small(2),
    groups: small(2),
    channels: small(2),
    outputs: small(2),
    kernel: fc.tuple(small(3), small(3)),
    strides: fc.tuple(small(3), small(2)),
    dilations: fc.tuple(small(2), small(2)),
    padding: fc.tuple(width, width, width, width),
    size: fc.tuple(fc.integer({ min: 5, max: 8 }), fc.integer({ min: 5, max: 7 })),
  })
  .map(({ batch, groups, channels, outputs, kernel, size, ...window }) => {
    const y = [batch, outputs * groups, ...windowOutput(window, size, kernel)];
    const shapes = [[batch, channels * groups, ...size], [outputs * groups, channels, ...kernel], y];
    return { shapes, window: { ...window, groups } };
  });

const some = (...which: number[]) =>
  convolutions.map(({ shapes, window }) => ({
    shapes: which.map((i) => shapes[i] as number[]),
    window,
    all: shapes as number[][],
  }));

function theirConv(x: JaxArray, kernel: JaxArray, { strides, dilations, padding, groups }: Window): JaxArray {
  const [top, bottom, left, right] = padding;
  return lax.convGeneralDilated(
    x,
    kernel,
    [...strides],
    [
      [top, bottom],
      [left, right],
    ],
    {
      rhsDilation: [...dilations],
      featureGroupCount: groups,
    },
  );
}

// ONNX Runtime convolves in float32 only; central differences of these multilinear functions are
// exact whatever the step.
const step = 0.5;

describeGradients("convolution", [
  {
    name: "conv2d",
    draw: some(0, 1),
    ours: ([x, kernel], { window }) => conv2d(x as Float, kernel as Float, window),
    theirs: (x, { window }) => theirConv(x(0), x(1), window),
    step,
    runs: 12,
  },
  {
    name: "conv2dTranspose",
    draw: some(2, 1),
    ours: ([y, kernel], { window, all: [x] }) =>
      conv2dTranspose(y as Float, kernel as Float, {
        ...window,
        outputSize: [x?.[2] as number, x?.[3] as number],
      }),
    theirs: "jax-js's has neither groups nor an output size",
    step,
    runs: 12,
  },
  {
    name: "convKernelGradient",
    draw: some(0, 2),
    ours: ([x, y], { window, all: [, kernel] }) => {
      const size = [kernel?.[2] as number, kernel?.[3] as number] as const;
      return node(
        "convKernelGradient",
        [x as Float, y as Float],
        { ...window, kernel: size },
        kernel as number[],
        (x as Float).dtype,
      );
    },
    theirs: "jax-js has it only as a gradient",
    step,
    runs: 12,
  },
]);
