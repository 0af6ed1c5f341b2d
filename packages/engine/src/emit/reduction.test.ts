import { describe, expect, it } from "vitest";
import type { NumericDType } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, host } from "../testing/index.js";

const numeric: readonly NumericDType[] = ["float32", "float64", "int32", "int64", "uint8"];
/** Shape [2, 3, 2]. */
const values = [3, 1, 2, 5, 4, 0, 1, 1, 7, 2, 2, 6];
const at = (i: number, j: number, k: number) => values[(i * 3 + j) * 2 + k]!;

describe("reductions", () => {
  it.each([
    ["sum", t.sum, (list: number[]) => list.reduce((a, b) => a + b, 0)],
    ["prod", t.prod, (list: number[]) => list.reduce((a, b) => a * b, 1)],
    ["max", t.max, (list: number[]) => Math.max(...list)],
    ["min", t.min, (list: number[]) => Math.min(...list)],
  ] as const)("%s over one axis, two axes and all of them", async (_, build, expected) => {
    for (const dtype of numeric) {
      const x: t.Tensor<NumericDType> = t.input("x", [2, 3, 2], dtype);
      const result = await evaluate(
        {
          middle: build(x, { axis: 1 }),
          ends: build(x, { axis: [0, -1], keepDims: true }),
          all: build(x),
        },
        { x: host(values, [2, 3, 2], dtype) },
      );
      const [rows, columns] = [
        [0, 1, 2],
        [0, 1],
      ];
      const middle = columns.flatMap((i) => columns.map((k) => expected(rows.map((j) => at(i, j, k)))));
      const ends = rows.map((j) => expected(columns.flatMap((i) => columns.map((k) => at(i, j, k)))));
      expect(result.middle).toBeAllClose(host(middle, [2, 2], dtype));
      expect(result.ends).toBeAllClose(host(ends, [1, 3, 1], dtype));
      expect(result.all).toBeAllClose(host([expected([...values])], [], dtype));
      expect(result.all.dtype).toBe(dtype);
    }
  });

  it("sums wrap in uint8", async () => {
    const result = await evaluate(t.sum(t.constant([200, 100], [2], "uint8")));
    expect([...result.data]).toEqual([44]);
  });

  it("NaN reaches sums and products", async () => {
    const x = t.constant([1, Number.NaN, 2]);
    const result = await evaluate({ sum: t.sum(x), prod: t.prod(x), mean: t.mean(x) });
    for (const value of Object.values(result)) expect(value.data).toEqual(Float32Array.of(Number.NaN));
  });

  it("sums no elements to 0, and multiplies them to 1", async () => {
    const x = t.input("x", [2, 0]);
    const feeds = { x: host([], [2, 0]) };
    const result = await evaluate({ sum: t.sum(x, { axis: 1 }), prod: t.prod(x, { axis: 1 }) }, feeds);
    expect(result.sum).toBeAllClose(host([0, 0]));
    expect(result.prod).toBeAllClose(host([1, 1]));
  });

  it("argMax and argMin give the first of equals", async () => {
    for (const dtype of numeric) {
      const x: t.Tensor<NumericDType> = t.constant([1, 5, 5, 0, 0, 2], [2, 3], dtype);
      const result = await evaluate({
        largest: t.argMax(x),
        smallest: t.argMin(x, { keepDims: true }),
        column: t.argMax(x, { axis: 0 }),
      });
      expect(result.largest).toBeAllClose(host([1, 2], [2], "int64"));
      expect(result.smallest).toBeAllClose(host([0, 0], [2, 1], "int64"));
      expect(result.column).toBeAllClose(host([0, 0, 0], [3], "int64"));
    }
  });

  it("cumsum runs along an axis, exclusive and reverse", async () => {
    for (const dtype of numeric) {
      const x: t.Tensor<NumericDType> = t.constant([1, 2, 3, 4, 5, 6], [2, 3], dtype);
      const result = await evaluate({
        plain: t.cumsum(x),
        down: t.cumsum(x, { axis: 0 }),
        exclusive: t.cumsum(x, { exclusive: true }),
        reverse: t.cumsum(x, { reverse: true }),
        both: t.cumsum(x, { exclusive: true, reverse: true }),
      });
      expect(result.plain).toBeAllClose(host([1, 3, 6, 4, 9, 15], [2, 3], dtype));
      expect(result.down).toBeAllClose(host([1, 2, 3, 5, 7, 9], [2, 3], dtype));
      expect(result.exclusive).toBeAllClose([0, 1, 3, 0, 4, 9]);
      expect(result.reverse).toBeAllClose([6, 5, 3, 15, 11, 6]);
      expect(result.both).toBeAllClose([5, 3, 0, 11, 6, 0]);
    }
  });

  it("log-sum-exp and softmax survive large numbers", async () => {
    const x = t.constant([1000, 1000, -1000, 0], [2, 2]);
    const result = await evaluate({ total: t.logSumExp(x, { axis: 1 }), weights: t.softmax(x) });
    expect(result.total).toBeAllClose([1000 + Math.LN2, 0]);
    expect(result.weights).toBeAllClose([0.5, 0.5, 0, 1]);
  });
});
