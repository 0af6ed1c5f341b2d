import { describe, expect, it } from "vitest";
import { readModel } from "../onnx/index.js";
import type { DType, NumericDType } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, filled, host } from "../testing/index.js";
import { emitModel } from "./emit-model.js";

const numeric: readonly NumericDType[] = ["float32", "float64", "int32", "int64", "uint8"];
const list = (tensor: { data: ArrayLike<unknown> }) => Array.from(tensor.data, Number);

describe("take and takeAlongAxis", () => {
  it.each([...numeric, "bool", "string"] as DType[])("%s", async (dtype) => {
    const x = t.constant([1, 0, 0, 1, 1, 1] as never, [2, 3], dtype);
    for (const indexType of ["int32", "int64"] as const) {
      const pick = t.constant([2, 0, -1, 1], [2, 2], indexType) as t.IndexTensor;
      const along = t.constant([2, 0], [2, 1], indexType) as t.IndexTensor;
      const result = await evaluate({ take: t.take(x, pick, 1), along: t.takeAlongAxis(x, along, 1) });
      expect(result.take.shape).toEqual([2, 2, 2]);
      expect(list(result.take)).toEqual([0, 1, 0, 0, 1, 1, 1, 1]);
      expect(list(result.along)).toEqual([0, 1]);
    }
  });

  it("takes rows of a symbolic batch", async () => {
    const x = t.input("x", [t.symbol("N"), 2]);
    const rows = t.input("rows", [t.symbol("M")], "int64");
    const result = await evaluate(t.take(x, rows), {
      x: host([1, 2, 3, 4, 5, 6], [3, 2]),
      rows: host([2, 2, 0, 1], [4], "int64"),
    });
    expect(result).toBeAllClose(host([5, 6, 5, 6, 1, 2, 3, 4], [4, 2]));
  });
});

describe("indexAdd and scatterAdd", () => {
  it.each(numeric)("%s: repeated indices add up", async (dtype) => {
    for (const indexType of ["int32", "int64"] as const) {
      const x = t.constant([1, 1, 1, 1, 1, 1], [2, 3], dtype);
      const places = t.constant([2, 0, 2], [3], indexType) as t.IndexTensor;
      const rows = t.constant([1, 1, 1], [3], indexType) as t.IndexTensor;
      const grid = t.constant([0, 0, 1, 1], [2, 2], indexType) as t.IndexTensor;
      const updates = t.constant([1, 2, 3, 4, 5, 6], [2, 3], dtype);
      const result = await evaluate({
        columns: t.indexAdd(x, places, updates, 1),
        rows: t.indexAdd(x, rows, t.constant([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3], dtype)),
        scatter: t.scatterAdd(x, grid, t.constant([1, 2, 3, 4], [2, 2], dtype)),
      });
      expect(list(result.columns)).toEqual([3, 1, 5, 6, 1, 11]);
      expect(list(result.rows)).toEqual([1, 1, 1, 13, 16, 19]);
      expect(list(result.scatter)).toEqual([4, 1, 1, 1, 8, 1]);
    }
  });

  it("loses no update where many fall on one place", async () => {
    const count = 100_000;
    const x = t.input("x", [2]);
    const result = await evaluate(t.indexAdd(x, t.input("i", [count], "int64"), t.ones([count])), {
      x: host([0, 0]),
      i: host(new Array(count).fill(1), [count], "int64"),
    });
    expect([...result.data]).toEqual([0, count]);
  });

  it("adds rows to a symbolic batch of columns", async () => {
    const n = t.symbol("N");
    const [x, updates] = [t.input("x", [3, n]), t.input("u", [2, n])];
    const places = t.constant([2, 2], [2], "int64") as t.IndexTensor;
    const result = await evaluate(t.indexAdd(x, places, updates), {
      x: filled([3, 2], () => 0),
      u: filled([2, 2], (i) => i + 1),
    });
    expect(list(result)).toEqual([0, 0, 0, 0, 4, 6]);
  });
});

describe("topK and sorting", () => {
  it.each(numeric)("%s", async (dtype) => {
    const x: t.Tensor<NumericDType> = t.constant([3, 1, 2, 7, 9, 8], [2, 3], dtype);
    const largest = t.topK(x, 2);
    const result = await evaluate({
      values: largest.values,
      indices: largest.indices,
      smallest: t.topK(x, 1, { largest: false, axis: 0 }).values,
      sorted: t.sort(x),
      falling: t.argSort(x, { descending: true }),
    });
    expect(list(result.values)).toEqual([3, 2, 9, 8]);
    expect(list(result.indices)).toEqual([0, 2, 1, 2]);
    expect(list(result.smallest)).toEqual([3, 1, 2]);
    expect(list(result.sorted)).toEqual([1, 2, 3, 7, 8, 9]);
    expect(list(result.falling)).toEqual([0, 2, 1, 1, 2, 0]);
    expect(result.values.dtype).toBe(dtype);
  });

  it("takes the values of TopK itself, and gathers only from another tensor", () => {
    const x = t.input("x", [2, 3]);
    const { values, indices } = t.topK(x, 2);
    const own = readModel(emitModel({ outputs: { values, indices } }));
    expect(own.operators["ai.onnx"]).toEqual({ TopK: 1 });
    const other = t.takeAlongAxis(t.neg(x), indices as t.IndexTensor);
    expect(readModel(emitModel({ outputs: { other } })).operators["ai.onnx"]).toEqual({
      Neg: 1,
      TopK: 1,
      GatherElements: 1,
    });
  });

  it("counts table entries below a value", async () => {
    const table = t.constant([1, 2, 2, 5, 0, 0, 0, 9], [2, 4], "float64");
    const x = t.input("x", [t.symbol("N"), 2], "float64");
    const result = await evaluate(
      { left: t.searchSorted(x, table), right: t.searchSorted(x, table, "right") },
      { x: host([2, 0, 9, 9.5, -1, Number.NaN], [3, 2], "float64") },
    );
    expect(list(result.left)).toEqual([1, 0, 4, 4, 0, 0]);
    expect(list(result.right)).toEqual([3, 3, 4, 4, 0, 0]);
  });
});
