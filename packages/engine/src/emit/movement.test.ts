import { describe, expect, it } from "vitest";
import type { DType } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, host } from "../testing/index.js";

const dtypes: readonly DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool", "string"];
const list = (tensor: { data: ArrayLike<unknown> }) => Array.from(tensor.data, Number);

describe("movement operators, for every dtype", () => {
  it.each(dtypes)("%s", async (dtype) => {
    // Ones and zeros, so that bool can tell them apart too: row 1 1 0, row 0 1 0.
    const x = t.input("x", [2, 3], dtype);
    const feeds = {
      x: host(
        [1, 1, 0, 0, 1, 0].map((v) => (dtype === "string" ? String(v) : v)),
        [2, 3],
        dtype,
      ),
    };
    const result = await evaluate(
      {
        reshape: t.reshape(x, [3, -1]),
        transpose: t.transpose(x),
        broadcastTo: t.broadcastTo(x, [2, 2, 3]),
        slice: t.slice(x, { 0: { start: 1 }, 1: { start: -2 } }),
        stepped: t.slice(x, { 1: { step: 2 } }),
        flip: t.flip(x, 1),
        flipBoth: t.flip(x),
        concat: t.concat([x, x], 1),
        tile: t.tile(x, [2, 1]),
      },
      feeds,
    );
    expect(list(result.reshape)).toEqual([1, 1, 0, 0, 1, 0]);
    expect(result.reshape.shape).toEqual([3, 2]);
    expect(list(result.transpose)).toEqual([1, 0, 1, 1, 0, 0]);
    expect(list(result.broadcastTo)).toEqual([1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0]);
    expect(list(result.slice)).toEqual([1, 0]);
    expect(result.slice.shape).toEqual([1, 2]);
    expect(list(result.stepped)).toEqual([1, 0, 0, 0]);
    expect(list(result.flip)).toEqual([0, 1, 1, 0, 1, 0]);
    expect(list(result.flipBoth)).toEqual([0, 1, 0, 0, 1, 1]);
    expect(list(result.concat)).toEqual([1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0]);
    expect(list(result.tile)).toEqual([1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0]);
    for (const value of Object.values(result)) expect(value.dtype).toBe(dtype);
  });

  it.each(dtypes.filter((dtype) => dtype !== "string"))("pad %s", async (dtype) => {
    const x = t.constant([1, 0] as never, [2, 1], dtype);
    const result = await evaluate(
      t.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        1,
      ),
    );
    expect(result.shape).toEqual([3, 3]);
    expect(list(result)).toEqual([1, 1, 1, 1, 1, 1, 0, 1, 1]);
  });
});

describe("movement operators", () => {
  it("flips neighbouring and separate axes of four", async () => {
    const x = t.input("x", [2, 2, 2, 2]);
    const values = Array.from({ length: 16 }, (_, i) => i);
    const result = await evaluate(
      { kernel: t.flip(x, [2, 3]), apart: t.flip(x, [0, 2, 3]) },
      { x: host(values, [2, 2, 2, 2]) },
    );
    expect([...result.kernel.data]).toEqual([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);
    expect([...result.apart.data]).toEqual([11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4]);
  });

  it("reshapes, slices and joins no elements", async () => {
    const x = t.input("x", [0, 4]);
    const result = await evaluate(
      { reshape: t.reshape(x, [0, 2, 2]), concat: t.concat([x, t.ones([1, 4])]), flip: t.flip(x) },
      { x: host([], [0, 4]) },
    );
    expect(result.reshape.shape).toEqual([0, 2, 2]);
    expect(result.flip.shape).toEqual([0, 4]);
    expect(result.concat).toBeAllClose(host([1, 1, 1, 1], [1, 4]));
  });

  it("slices to nothing", async () => {
    const result = await evaluate(t.slice(t.input("x", [3]), { 0: { start: 2, end: 1 } }), {
      x: host([1, 2, 3]),
    });
    expect(result.shape).toEqual([0]);
  });

  it.each([0, 1, 5])("keeps a batch of %i rows symbolic", async (rows) => {
    const n = t.symbol("N");
    const x = t.input("x", [n, 2, 3]);
    const data = Array.from({ length: rows * 6 }, (_, i) => i);
    const result = await evaluate(
      {
        merged: t.reshape(x, [n, 6]),
        inferred: t.reshape(x, [t.symbol("N", 2), 3]),
        split: t.reshape(t.reshape(x, [t.symbol("N", 6)]), [n, 3, 2]),
        broadcast: t.broadcastTo(t.constant([1, 2]), [n, 2]),
        tripled: t.broadcastTo(t.scalar(7), [t.symbol("N", 3)]),
        tile: t.tile(t.reshape(x, [n, 6]), [2, 1]),
        sliced: t.slice(x, { 2: { start: 1 } }),
        flip: t.flip(x, [0, 1]),
        transpose: t.transpose(x),
        padded: t.pad(t.reshape(x, [n, 6]), [
          [0, 0],
          [1, 0],
        ]),
        where: t.where(t.greater(x, 2), x, t.zeros([n, 2, 3])),
      },
      { x: host(data, [rows, 2, 3]) },
    );
    expect(result.merged).toBeAllClose(host(data, [rows, 6]));
    expect(result.inferred).toBeAllClose(host(data, [2 * rows, 3]));
    expect(result.split).toBeAllClose(host(data, [rows, 3, 2]));
    expect(result.broadcast).toBeAllClose(
      host(
        Array.from({ length: 2 * rows }, (_, i) => 1 + (i % 2)),
        [rows, 2],
      ),
    );
    expect(result.tripled).toBeAllClose(host(new Array(3 * rows).fill(7), [3 * rows]));
    expect(result.tile).toBeAllClose(host([...data, ...data], [2 * rows, 6]));
    expect(result.sliced.shape).toEqual([rows, 2, 2]);
    expect(result.sliced).toBeAllClose(data.filter((i) => i % 3 !== 0));
    expect(result.flip).toBeAllClose(
      Array.from({ length: 2 * rows }, (_, i) => 2 * rows - 1 - i).flatMap((row) =>
        [0, 1, 2].map((k) => 3 * row + k),
      ),
    );
    expect(result.transpose.shape).toEqual([3, 2, rows]);
    expect(result.padded.shape).toEqual([rows, 7]);
    expect(result.where).toBeAllClose(data.map((v) => (v > 2 ? v : 0)));
  });

  it("finds a symbol in an input that holds a multiple of it", async () => {
    const x = t.input("x", [t.symbol("N", 4)]);
    const ones = t.broadcastTo(t.scalar(1), [t.symbol("N", 2)]);
    const result = await evaluate({ ones, x: x }, { x: host(new Array(12).fill(0)) });
    expect(result.ones.shape).toEqual([6]);
  });

  it("reshapes with two symbols", async () => {
    const x = t.input("x", [t.symbol("N"), t.symbol("M")]);
    // Made by hand: the builder has no product of two symbols to check.
    const shape = [t.symbol("N"), 1, t.symbol("M")];
    const result = await evaluate(t.node("reshape", [x], { shape }, shape, "float32"), {
      x: host([1, 2, 3, 4, 5, 6], [2, 3]),
    });
    expect(result.shape).toEqual([2, 1, 3]);
  });
});
