import { lax, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { windowOutput } from "../tensor/convolution.js";
import { averagePool2d, input, maxPool2d, sum } from "../tensor/index.js";
import { type Draw, describeGradients, type Float } from "../testing/gradients.js";
import { evaluate, filled, host } from "../testing/index.js";
import { grad } from "./grad.js";

type Pair = [number, number];

interface Drawn extends Draw {
  readonly kernel: Pair;
  readonly window: { strides: Pair; dilations: Pair; padding: [number, number, number, number] };
}

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Windows with strides above and below the kernel, dilations, and padding less than the kernel. */
const windows: fc.Arbitrary<Drawn> = fc
  .record({
    kernel: pair(1, 3),
    strides: pair(1, 3),
    dilations: pair(1, 2),
    size: pair(5, 7),
    before: pair(0, 2),
    after: pair(0, 2),
  })
  .map(({ kernel, strides, dilations, size, before, after }) => {
    const limit = (value: number, axis: 0 | 1) => Math.min(value, kernel[axis] - 1);
    return {
      shapes: [[2, 2, ...size]],
      kernel,
      window: {
        strides,
        dilations,
        padding: [limit(before[0], 0), limit(after[0], 0), limit(before[1], 1), limit(after[1], 1)] as [
          number,
          number,
          number,
          number,
        ],
      },
    };
  })
  .filter(({ kernel, window, shapes: [shape] }) =>
    windowOutput(window, (shape as number[]).slice(2) as Pair, kernel).every((dim) => dim > 0),
  );

/** Windows that jax-js has: no padding, no dilation. */
const plain = windows.map((drawn) => ({
  ...drawn,
  window: {
    ...drawn.window,
    dilations: [1, 1] as Pair,
    padding: [0, 0, 0, 0] as [number, number, number, number],
  },
}));
const tiling = fc.constant({
  shapes: [[2, 2, 4, 6]],
  kernel: [2, 3] as Pair,
  window: {
    strides: [2, 3] as Pair,
    dilations: [1, 1] as Pair,
    padding: [0, 0, 0, 0] as [number, number, number, number],
  },
});

const maxPool = ([x]: Float[], { kernel, window }: Drawn) => maxPool2d(x as Float, kernel, window);
const averagePool = ([x]: Float[], { kernel, window }: Drawn) => averagePool2d(x as Float, kernel, window);
const lacks = "jax-js pools without padding and dilation only";

describeGradients("pooling", [
  {
    name: "maxPool2d",
    draw: fc.oneof(plain, tiling),
    ours: maxPool,
    theirs: (x, { kernel, window }) =>
      lax.reduceWindow(x(0), np.max, [1, 1, ...kernel], [1, 1, ...window.strides]),
    runs: 9,
  },
  { name: "padded and dilated maxPool2d", draw: windows, ours: maxPool, theirs: lacks, runs: 9 },
  {
    name: "averagePool2d",
    draw: fc.oneof(plain, tiling),
    ours: averagePool,
    theirs: (x, { kernel, window }) =>
      lax.reduceWindow(x(0), np.mean, [1, 1, ...kernel], [1, 1, ...window.strides]),
    // ONNX Runtime averages in float32 only, but the function is linear.
    step: 0.5,
    runs: 9,
  },
  {
    name: "padded and dilated averagePool2d",
    draw: windows,
    ours: averagePool,
    theirs: lacks,
    step: 0.5,
    runs: 9,
  },
]);

describe("maxPool2d", () => {
  it("gives a tie to the first element in row-major order", async () => {
    const x = input("x", [1, 1, 4, 4]);
    const [gradient] = grad(sum(maxPool2d(x, 2)), [x]);
    const feeds = { x: host([0, 0, 1, 2, 0, 0, 2, 1, 3, 0, 0, 0, 3, 0, 0, 5], [1, 1, 4, 4]) };
    expect(await evaluate(gradient as Float, feeds)).toBeAllClose([
      1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1,
    ]);
  });

  it("gives overlapping windows' gradients to their common largest element", async () => {
    const x = input("x", [1, 1, 3, 3]);
    const [gradient] = grad(sum(maxPool2d(x, 2, { strides: 1 })), [x]);
    const peak = filled([1, 1, 3, 3], (i) => (i === 4 ? 1 : 0));
    expect(await evaluate(gradient as Float, { x: peak })).toBeAllClose([0, 0, 0, 0, 4, 0, 0, 0, 0]);
  });
});
