import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HostTensor } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, filled } from "../testing/index.js";

type Four = readonly [number, number, number, number];

interface Case {
  readonly attributes: t.ConvAttributes;
  readonly x: HostTensor<"float32">;
  readonly kernel: HostTensor<"float32">;
  readonly y: HostTensor<"float32">;
}

/** Calls `visit` with the flat positions of every product that a convolution sums. */
function forEachTap(
  { strides, padding, dilations, groups }: t.ConvAttributes,
  [, channels, height, width]: Four,
  [outputs, perGroup, kh, kw]: Four,
  [batch, , rows, columns]: Four,
  visit: (x: number, kernel: number, y: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < perGroup; c++)
        for (let i = 0; i < rows * columns; i++)
          for (let k = 0; k < kh * kw; k++) {
            const row = Math.floor(i / columns) * strides[0] + Math.floor(k / kw) * dilations[0] - padding[0];
            const column = (i % columns) * strides[1] + (k % kw) * dilations[1] - padding[2];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const channel = Math.floor(o / (outputs / groups)) * perGroup + c;
            visit(
              ((n * channels + channel) * height + row) * width + column,
              (o * perGroup + c) * kh * kw + k,
              (n * outputs + o) * rows * columns + i,
            );
          }
}

const small = (min: number, max: number) => fc.integer({ min, max });
const pair = (min: number, max: number) => fc.tuple(small(min, max), small(min, max));

const cases: fc.Arbitrary<Case> = fc
  .record({
    batch: small(1, 3),
    groups: small(1, 2),
    perGroup: small(1, 2),
    outputsPerGroup: small(1, 2),
    kernel: pair(1, 3),
    strides: pair(1, 3),
    dilations: pair(1, 2),
    padding: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
    extra: pair(0, 5),
  })
  .map(({ batch, groups, perGroup, outputsPerGroup, kernel, strides, dilations, padding, extra }) => {
    const size = ([0, 1] as const).map((axis) => {
      const reach = (kernel[axis] - 1) * dilations[axis] + 1;
      return Math.max(1, reach - padding[2 * axis]! - padding[2 * axis + 1]!) + extra[axis];
    }) as [number, number];
    const attributes = { strides, padding, dilations, groups };
    const output = t.windowOutput(attributes, size, kernel);
    const value = (salt: number) => (i: number) => ((i * 7 + salt) % 11) - 5;
    return {
      attributes,
      x: filled([batch, groups * perGroup, ...size], value(1)),
      kernel: filled([groups * outputsPerGroup, perGroup, ...kernel], value(3)),
      y: filled([batch, groups * outputsPerGroup, ...output], value(5)),
    };
  });

/** The batch as a symbol, so that no rule may count on its size. */
const batched = (tensor: HostTensor) => [t.symbol("N"), ...tensor.shape.slice(1)];

describe("convolution, for every stride, padding, dilation and group", () => {
  it("conv, its transpose and its kernel gradient agree with the definition", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ attributes, x, kernel, y }) => {
        const [made, back, taps] = [
          filled(y.shape, () => 0),
          filled(x.shape, () => 0),
          filled(kernel.shape, () => 0),
        ];
        forEachTap(attributes, x.shape as never, kernel.shape as never, y.shape as never, (i, k, o) => {
          made.data[o]! += x.data[i]! * kernel.data[k]!;
          back.data[i]! += y.data[o]! * kernel.data[k]!;
          taps.data[k]! += x.data[i]! * y.data[o]!;
        });
        const [data, weights, outer] = [
          t.input("x", batched(x)),
          t.input("kernel", kernel.shape),
          t.input("y", batched(y)),
        ];
        const outputSize = [x.shape[2]!, x.shape[3]!] as const;
        const kernelSize = [kernel.shape[2]!, kernel.shape[3]!] as const;
        const result = await evaluate(
          {
            conv: t.node("conv", [data, weights], attributes, batched(y), "float32"),
            transpose: t.node(
              "convTranspose",
              [outer, weights],
              { ...attributes, outputSize },
              batched(x),
              "float32",
            ),
            gradient: t.node(
              "convKernelGradient",
              [data, outer],
              { ...attributes, kernel: kernelSize },
              kernel.shape,
              "float32",
            ),
          },
          { x, kernel, y },
        );
        expect(result.conv).toBeAllClose(made);
        expect(result.transpose).toBeAllClose(back);
        expect(result.gradient).toBeAllClose(taps);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("keeps Keras's sizes with same padding, and computes float64 data", async () => {
    const x = t.input("x", [t.symbol("N"), 1, 7, 8]);
    const kernel = t.ones([2, 1, 3, 3]);
    const down = t.conv2d(x, kernel, { strides: 2, padding: "same" });
    const up = t.conv2dTranspose(down, kernel, { strides: 2, padding: "same" });
    const result = await evaluate({ down, up }, { x: filled([2, 1, 7, 8], () => 1) });
    expect(result.down.shape).toEqual([2, 2, 4, 4]);
    expect(result.up.shape).toEqual([2, 1, 8, 8]);
    const double = t.conv2d(t.ones([1, 1, 3, 3], "float64"), t.ones([1, 1, 3, 3], "float64"));
    expect((await evaluate(double)).data).toEqual(Float64Array.of(9));
  });
});

describe("pooling", () => {
  it("agrees with the definition, padding not counted", async () => {
    const pool = fc.record({
      kernel: pair(1, 3),
      strides: pair(1, 3),
      dilations: pair(1, 2),
      extra: pair(0, 4),
      sides: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
    });
    await fc.assert(
      fc.asyncProperty(pool, async ({ kernel, strides, dilations, extra, sides }) => {
        // A window that lies wholly in the padding has no elements.
        const padding = sides.map((side, i) => Math.min(side, kernel[i >> 1]! - 1)) as unknown as Four;
        const size = kernel.map((taps, axis) => (taps - 1) * dilations[axis]! + 1 + extra[axis]!) as [
          number,
          number,
        ];
        const x = filled([2, 3, ...size], (i) => ((i * 7) % 23) - 11);
        const options = { strides, dilations, padding };
        const [rows, columns] = t.windowOutput(options, size, kernel);
        const windows = Array.from({ length: 6 * rows * columns }, (): number[] => []);
        const plane: Four = [6, 1, ...size];
        forEachTap({ ...options, groups: 1 }, plane, [1, 1, ...kernel], [6, 1, rows, columns], (i, _, o) => {
          windows[o]?.push(x.data[i]!);
        });
        const data = t.input("x", [t.symbol("N"), 3, ...size]);
        const result = await evaluate(
          { max: t.maxPool2d(data, kernel, options), average: t.averagePool2d(data, kernel, options) },
          { x },
        );
        const shape = [2, 3, rows, columns];
        expect(result.max).toBeAllClose(filled(shape, (i) => Math.max(...windows[i]!)));
        expect(result.average).toBeAllClose(
          filled(shape, (i) => windows[i]!.reduce((sum, v) => sum + v, 0) / windows[i]!.length),
        );
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it("works in float64", async () => {
    const x = t.constant([1, 2, 3, 4], [1, 1, 2, 2], "float64");
    const result = await evaluate({ max: t.maxPool2d(x, 2), average: t.averagePool2d(x, 2) });
    expect(result.max.data).toEqual(Float64Array.of(4));
    expect(result.average.data).toEqual(Float64Array.of(2.5));
  });
});
