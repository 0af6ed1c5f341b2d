import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad } from "../../autodiff/index.js";
import { randomStream } from "../../random/index.js";
import { probeBlockSize } from "../../runtime/probe.js";
import type { HostTensor } from "../../tensor/dtype.js";
import {
  add,
  batchNormTraining,
  type ConvOptions,
  conv2d,
  conv2dTranspose,
  div,
  exp,
  leakyRelu,
  matmul,
  mul,
  relu,
  reshape,
  step,
  sub,
  sum,
  transpose,
} from "../../tensor/index.js";
import { input, node, type Tensor } from "../../tensor/tensor.js";
import { evaluate, type Feeds } from "../../testing/index.js";
import { portable } from "../portable.js";
import { nativeTarget } from "./index.js";

const block = await probeBlockSize();

function normals(shape: readonly number[], name: string): HostTensor<"float32"> {
  const stream = randomStream(7, name);
  const size = shape.reduce((total, length) => total * length, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length: size }, () => stream.normal()) };
}

function source(name: string, shape: readonly number[]): Tensor<"float32"> {
  return input(name, shape);
}

/** What the native target makes of expressions, with and without blocks, is what the portable one makes. */
async function agree(outputs: Record<string, Tensor>, inputs: readonly Tensor[]) {
  const feeds: Feeds = Object.fromEntries(
    inputs.map((tensor) => {
      const { name } = tensor.attributes as { name: string };
      return [name, normals(tensor.shape as number[], name)];
    }),
  );
  const expected = await evaluate(outputs, feeds, portable);
  for (const blockSize of [block, undefined]) {
    const actual = await evaluate(outputs, feeds, nativeTarget({ blockSize }));
    for (const name of Object.keys(outputs)) {
      // Sums in another order: the error goes with the size of their terms.
      const largest = (expected[name]!.data as Float32Array).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      expect(actual[name]!).toBeAllClose(expected[name]!, { rtol: 1e-4, atol: 1e-4 + 1e-5 * largest });
    }
  }
}

const side = fc.record({
  size: fc.integer({ min: 3, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: 0, max: 2 }),
  after: fc.integer({ min: 0, max: 2 }),
  dilation: fc.constantFrom(1, 1, 1, 2),
});

const geometry = fc.record({
  batch: fc.constantFrom(1, 3, 16, 32),
  inputs: fc.constantFrom(1, 2, 3, 8, 12, 16, 20, 32, 48),
  outputs: fc.constantFrom(1, 2, 3, 8, 12, 16, 20, 32, 48),
  groups: fc.constantFrom(1, 1, 1, 2),
  rows: side,
  columns: side,
});

interface Side {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

interface Geometry {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly rows: Side;
  readonly columns: Side;
}

function fits({ rows, columns, groups, inputs, outputs }: Geometry): boolean {
  const reaches = [rows, columns].every(
    (s) => (s.kernel - 1) * s.dilation + 1 <= s.size + s.before + s.after,
  );
  return reaches && inputs % groups === 0 && outputs % groups === 0;
}

/** A convolution, its two gradients, each from inputs of its own. */
function threeForms(g: Geometry) {
  const options: ConvOptions = {
    strides: [g.rows.stride, g.columns.stride],
    dilations: [g.rows.dilation, g.columns.dilation],
    padding: [g.rows.before, g.rows.after, g.columns.before, g.columns.after],
    groups: g.groups,
  };
  const x = source("x", [g.batch, g.inputs, g.rows.size, g.columns.size]);
  const kernel = source("kernel", [g.outputs, g.inputs / g.groups, g.rows.kernel, g.columns.kernel]);
  const bias = source("bias", [g.outputs]);
  const forward = conv2d(x, kernel, options);
  const y = source("y", forward.shape as number[]);
  const size = [g.rows.size, g.columns.size] as const;
  const backward = conv2dTranspose(y, kernel, { ...options, outputSize: size });
  const attributes = {
    ...(forward.attributes as object),
    kernel: [g.rows.kernel, g.columns.kernel] as const,
  };
  const gradient = node("convKernelGradient", [x, y], attributes as never, kernel.shape, "float32");
  const perChannel = reshape(bias, [1, g.outputs, 1, 1]);
  // Kernels of their own: what is used twice is not fused.
  const [second, third] = [
    source("second", kernel.shape as number[]),
    source("third", kernel.shape as number[]),
  ];
  const rectified = relu(add(conv2d(x, second, options), perChannel));
  const leaky = leakyRelu(add(conv2d(x, third, options), perChannel), 0.2);
  return {
    outputs: { forward, rectified, leaky, backward, gradient },
    inputs: [x, kernel, second, third, bias, y],
  };
}

describe("native target", () => {
  test("knows blocked channels on this machine", () => {
    if (process.arch === "x64") expect([8, 16]).toContain(block);
  });

  test("convolutions and their gradients agree for random geometries", async () => {
    await fc.assert(
      fc.asyncProperty(geometry.filter(fits), async (g) => {
        const { outputs, inputs } = threeForms(g);
        await agree(outputs, inputs);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test.each([
    [1, 32, 28, 2, 3],
    [32, 64, 14, 2, 3],
    [32, 1, 28, 1, 3],
    [16, 48, 8, 2, 1],
    [48, 3, 12, 1, 5],
    // Images smaller than the kernel, whose outer taps see nothing; shortcuts of residual networks.
    [32, 48, 1, 1, 3],
    [16, 32, 1, 2, 3],
    [48, 16, 2, 1, 5],
    [32, 64, 8, 2, 1],
    [3, 64, 32, 2, 7],
  ])(
    "layers of real networks: %i to %i channels, size %i, stride %i, kernel %i",
    async (i, o, size, stride, k) => {
      const axis = { size, kernel: k, stride, before: k >> 1, after: k >> 1, dilation: 1 };
      const { outputs, inputs } = threeForms({
        batch: 16,
        inputs: i,
        outputs: o,
        groups: 1,
        rows: axis,
        columns: axis,
      });
      await agree(outputs, inputs);
    },
  );

  test("elementwise operators, sums and reshapes follow blocked channels", async () => {
    for (const channels of [16, 20]) {
      const x = source("x", [4, 16, 6, 6]);
      const kernel = source("kernel", [channels, 16, 3, 3]);
      const scale = source("scale", [channels]);
      const dense = source("dense", [channels * 36, 5]);
      const y = conv2d(x, kernel, { padding: 1 });
      const perChannel = reshape(scale, [1, channels, 1, 1]);
      const positive = exp(mul(y, 0.01));
      const z = mul(add(y, perChannel), step(y));
      const flat = reshape(transpose(z, [0, 2, 3, 1]), [4, channels * 36]);
      const product = matmul(flat, dense);
      await agree(
        {
          z,
          positive,
          ratio: div(z, positive),
          plusOne: add(z, 1),
          flat,
          product,
          back: reshape(matmul(product, transpose(dense)), [4, 6, 6, channels]),
          outer: matmul(transpose(flat), product),
          turned: transpose(matmul(transpose(flat), mul(product, 2))),
          square: matmul(reshape(z, [1, -1]), reshape(z, [-1, 1])),
          perChannelSum: sum(z, { axis: [0, 2, 3] }),
          perImage: sum(z, { axis: [1, 2, 3], keepDims: true }),
          perRow: sum(positive, { axis: [1, 3] }),
          total: sum(z),
          squares: sum(mul(y, y)),
          again: conv2d(add(positive, 1), source("kernel2", [16, channels, 3, 3])),
        },
        [x, kernel, scale, dense, source("kernel2", [16, channels, 3, 3])],
      );
    }
  });

  test("affine maps of channels, with what is added and a rectifier, follow blocked channels", async () => {
    for (const channels of [16, 20]) {
      const x = source("x", [3, 16, 5, 6]);
      const kernel = source("kernel", [channels, 16, 3, 3]);
      const [scale, shift] = [source("scale", [channels]), source("shift", [channels, 1, 1])];
      const residual = source("residual", [3, channels, 5, 6]);
      const y = conv2d(x, kernel, { padding: 1 });
      const factor = reshape(scale, [1, channels, 1, 1]);
      const affine = () => add(mul(y, factor), shift);
      const { output, mean, unbiasedVariance } = batchNormTraining(y, { scale });
      await agree(
        {
          scaled: mul(factor, y),
          shifted: add(shift, y),
          centred: sub(y, shift),
          reversed: sub(shift, y),
          both: affine(),
          less: sub(mul(y, factor), shift),
          rectified: relu(add(mul(mul(y, 2), factor), shift)),
          leaky: leakyRelu(sub(mul(y, 3), shift), 0.2),
          joined: relu(add(add(mul(mul(y, 4), factor), shift), residual)),
          unshifted: relu(add(residual, mul(mul(y, 5), factor))),
          positive: add(mul(exp(mul(y, 0.01)), factor), shift),
          twice: add(affine(), affine()),
          normalized: relu(output),
          statistics: add(mean, unbiasedVariance),
          gradient: grad(sum(mul(relu(add(output, residual)), residual)), [kernel])[0]!,
          again: conv2d(affine(), source("kernel2", [16, channels, 3, 3])),
        },
        [x, kernel, scale, shift, residual, source("kernel2", [16, channels, 3, 3])],
      );
    }
  });

  test("products of many matrices read transposed operands in place", async () => {
    const x = source("x", [6, 4]);
    const y = source("y", [3, 6, 5]);
    const w = source("w", [3, 4, 5]);
    const swap = (tensor: Tensor<"float32">) => transpose(tensor, [0, 2, 1]);
    const outputs = {
      shared: matmul(x, w),
      kernel: matmul(transpose(x), y),
      back: matmul(y, swap(w)),
      both: matmul(swap(y), matmul(x, w)),
      twice: matmul(swap(w), swap(matmul(y, swap(w)))),
      rolled: matmul(transpose(y, [1, 0, 2]), source("z", [5, 2])),
    };
    await agree(outputs, [x, y, w, source("z", [5, 2])]);
  });
});
