import { describe, expect, it } from "vitest";
import { evaluate, filled, host, numbersOf } from "../testing/index.js";
import { greater } from "./elementwise.js";
import { batchNorm, batchNormTraining } from "./normalization.js";
import * as r from "./reduction.js";
import { symbol } from "./shape.js";
import { constant, input } from "./tensor.js";

const n = symbol("N");
const x = input("x", [2, 3]);
const feeds = { x: host([1, 2, 3, 4, 5, 9], [2, 3]) };

describe("reductions", () => {
  it("have numpy's shapes", () => {
    const rows = input("rows", [n, 2, 3]);
    expect(r.sum(rows).shape).toEqual([]);
    expect(r.sum(rows, { axis: -1 }).shape).toEqual([n, 2]);
    expect(r.max(rows, { axis: [1, 2], keepDims: true }).shape).toEqual([n, 1, 1]);
    expect(r.argMax(rows).shape).toEqual([n, 2]);
    expect(r.argMin(rows, { axis: 1, keepDims: true }).shape).toEqual([n, 1, 3]);
    expect(r.logSumExp(rows, { axis: 1 }).shape).toEqual([n, 3]);
    expect(r.sum(x, { axis: [] })).toBe(x);
  });

  it("compute moments", async () => {
    const results = await evaluate(
      {
        mean: r.mean(x, { axis: 1 }),
        biased: r.variance(x),
        unbiased: r.variance(x, { axis: 1, ddof: 1 }),
        std: r.std(x, { axis: 0, keepDims: true }),
      },
      feeds,
    );
    expect(results.mean).toBeAllClose([2, 6]);
    expect(results.biased).toBeAllClose([40 / 6]);
    expect(results.unbiased).toBeAllClose([1, 7]);
    expect(results.std).toBeAllClose(host([1.5, 1.5, 3], [1, 3]));
  });

  it("tell whether any or all are true", async () => {
    const big = greater(x, 4);
    const results = await evaluate({ any: r.any(big, { axis: 1 }), all: r.all(big, { axis: 0 }) }, feeds);
    expect(numbersOf(results.any)).toEqual([0, 1]);
    expect(numbersOf(results.all)).toEqual([0, 0, 0]);
  });

  it("need fixed lengths and numbers where they must", () => {
    expect(() => r.mean(input("rows", [n, 2]))).toThrow("mean needs a fixed dimension, but got 2N");
    expect(() => r.sum(greater(x, 0) as never)).toThrow("sum needs a numeric tensor, got bool; use cast()");
    expect(() => r.sum(x, { axis: 2 })).toThrow("axis 2 is outside a tensor of rank 2");
  });
});

describe("log-sum-exp and softmax", () => {
  const values = input("v", [4]);
  const run = async (...numbers: number[]) => {
    const outputs = { total: r.logSumExp(values), shares: r.softmax(values), logs: r.logSoftmax(values) };
    return evaluate(outputs, { v: host(numbers) });
  };

  it("do not overflow", async () => {
    const { total, shares, logs } = await run(1000, 1000, -1000, 999);
    const lost = Math.log(2 + Math.exp(-1));
    expect(total).toBeAllClose([1000 + lost]);
    expect(shares).toBeAllClose([1, 1, 0, Math.exp(-1)].map((weight) => weight / (2 + Math.exp(-1))));
    expect(logs).toBeAllClose([-lost, -lost, -2000 - lost, -1 - lost]);
  });

  it("leave masked entries out, and are -infinity and infinity where they must", async () => {
    expect((await run(0, -Infinity, 0, -Infinity)).total).toBeAllClose([Math.LN2]);
    expect((await run(-Infinity, -Infinity, -Infinity, -Infinity)).total).toBeAllClose([-Infinity]);
    expect((await run(0, Infinity, 0, 0)).total).toBeAllClose([Infinity]);
    expect((await run(0, Number.NaN, 0, 0)).total).toBeAllClose([Number.NaN]);
  });
});

describe("batch normalisation", () => {
  const image = input("image", [2, 2, 1, 2]);
  const pixels = { image: filled([2, 2, 1, 2], (i) => i) };

  it("by the batch has mean 0 and variance 1, and returns the statistics", async () => {
    const { output, mean, variance, unbiasedVariance } = batchNormTraining(image, {}, { epsilon: 0 });
    const results = await evaluate({ output, mean, variance, unbiasedVariance }, pixels);
    expect(results.mean).toBeAllClose([2.5, 4.5]);
    expect(results.variance).toBeAllClose([4.25, 4.25]);
    expect(results.unbiasedVariance).toBeAllClose([17 / 3, 17 / 3]);
    const unit = [-2.5, -1.5, 1.5, 2.5].map((value) => value / Math.sqrt(4.25));
    expect(results.output).toBeAllClose([
      unit[0],
      unit[1],
      unit[0],
      unit[1],
      unit[2],
      unit[3],
      unit[2],
      unit[3],
    ] as number[]);
  });

  it("by given statistics scales and shifts each channel", async () => {
    const statistics = { mean: constant([1, 2]), variance: constant([4, 9]) };
    const output = batchNorm(
      image,
      statistics,
      { scale: constant([2, 3]), bias: constant([10, 20]) },
      { epsilon: 0 },
    );
    expect(await evaluate(output, pixels)).toBeAllClose([9, 10, 20, 21, 13, 14, 24, 25]);
  });

  it("uses the same formula in both modes", async () => {
    const { output, mean, variance } = batchNormTraining(image, { bias: constant([1, -1]) });
    const again = batchNorm(image, { mean, variance }, { bias: constant([1, -1]) });
    const results = await evaluate({ output, again }, pixels);
    expect(results.again).toBeAllClose(results.output);
  });
});
