import { describe, expect, it } from "vitest";
import { evaluate, filled } from "../testing/index.js";
import * as m from "./movement.js";
import { type Dim, symbol } from "./shape.js";
import { input, type Tensor } from "./tensor.js";

const n = symbol("N");
const x = input("x", [2, 3]);
const rows = input("rows", [n, 6]);
const feeds = { x: filled([2, 3], (i) => i) };

describe("shapes of movements", () => {
  it.each<[string, Tensor, readonly Dim[]]>([
    ["reshape with -1", m.reshape(x, [3, -1]), [3, 2]],
    ["reshape of a symbolic batch", m.reshape(rows, [-1, 3]), [symbol("N", 2), 3]],
    ["reshape that keeps the symbol", m.reshape(rows, [n, 2, -1]), [n, 2, 3]],
    ["flatten", m.flatten(input("i", [n, 2, 3])), [n, 6]],
    ["expandDims", m.expandDims(x, [0, -1]), [1, 2, 3, 1]],
    ["squeeze of all", m.squeeze(input("s", [1, 2, 1])), [2]],
    ["squeeze of one", m.squeeze(input("s", [1, 2, 1]), -1), [1, 2]],
    ["transpose reversed", m.transpose(input("i", [n, 2, 3])), [3, 2, n]],
    ["transpose", m.transpose(input("i", [n, 2, 3]), [0, -1, 1]), [n, 3, 2]],
    ["swapAxes", m.swapAxes(x, 0, -1), [3, 2]],
    ["broadcastTo", m.broadcastTo(x, [n, 2, 3]), [n, 2, 3]],
    ["slice with a step", m.slice(x, { "-1": { step: 2 } }), [2, 2]],
    ["slice past the ends", m.slice(x, { 0: { start: -9, end: 9 } }), [2, 3]],
    ["empty slice", m.slice(x, { 1: { start: 2, end: 1 } }), [2, 0]],
    ["whole slice of a symbolic axis", m.slice(rows, { 0: {}, 1: { end: 2 } }), [n, 2]],
    [
      "pad",
      m.pad(rows, [
        [0, 0],
        [1, 2],
      ]),
      [n, 9],
    ],
    ["concat", m.concat([rows, rows], 1), [n, 12]],
    ["stack", m.stack([rows, rows], -1), [n, 6, 2]],
    ["tile", m.tile(rows, [2, 3]), [symbol("N", 2), 18]],
  ])("%s", (_, tensor, shape) => {
    expect(tensor.shape).toEqual(shape);
  });

  it("are the tensor itself where nothing moves", () => {
    const still = [
      m.reshape(x, [2, 3]),
      m.transpose(x, [0, 1]),
      m.broadcastTo(x, [2, 3]),
      m.slice(x, {}),
      m.pad(x, [
        [0, 0],
        [0, 0],
      ]),
      m.concat([x]),
      m.flip(x, []),
    ];
    expect(still.every((tensor) => tensor === x)).toBe(true);
  });
});

describe("values of movements", () => {
  it.each<[string, Tensor, number[]]>([
    ["slice from the end", m.slice(x, { 1: { start: -2 } }), [1, 2, 4, 5]],
    ["split and concat", m.concat(m.split(x, [1, 2], 1).reverse(), 1), [1, 2, 0, 4, 5, 3]],
    ["stack", m.stack([x, x], 1), [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]],
    ["tile", m.tile(x, [1, 2]), [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]],
    ["flip of all", m.flip(x), [5, 4, 3, 2, 1, 0]],
  ])("%s", async (_, tensor, values) => {
    expect(await evaluate(tensor, feeds)).toBeAllClose(values);
  });
});

describe("errors of movements", () => {
  it.each<[string, () => unknown, string]>([
    ["reshape to another size", () => m.reshape(x, [4, 2]), "reshape of [2, 3] to [4, 2] does not fit"],
    ["reshape with a remainder", () => m.reshape(x, [4, -1]), "reshape of [2, 3] to [4, -1] does not fit"],
    ["reshape with two unknowns", () => m.reshape(x, [-1, -1]), "at most one -1"],
    ["reshape to negatives", () => m.reshape(x, [-2, -3]), "needs non-negative integers"],
    [
      "reshape that loses the symbol",
      () => m.reshape(rows, [2, 3]),
      "reshape of [N, 6] to [2, 3] does not fit",
    ],
    ["reshape by another symbol", () => m.reshape(rows, [symbol("M"), -1]), "does not fit"],
    ["squeeze of a long axis", () => m.squeeze(x, 0), "squeeze: axis 0 of [2, 3] is not 1"],
    ["transpose with a repetition", () => m.transpose(x, [0, 0]), "[0, 0] is not a permutation"],
    ["broadcast to a smaller shape", () => m.broadcastTo(x, [3]), "[2, 3] does not broadcast to [3]"],
    [
      "slice of a symbolic axis",
      () => m.slice(rows, { 0: { end: 2 } }),
      "slice along axis 0 needs a fixed dimension, but got N",
    ],
    [
      "slice with a step of 0",
      () => m.slice(x, { 0: { step: 0 } }),
      "slice step 0 is not a positive integer",
    ],
    ["slice by a fraction", () => m.slice(x, { 0: { start: 0.5 } }), "slice from 0.5"],
    ["slice of a missing axis", () => m.slice(x, { 2: {} }), "axis 2 is outside a tensor of rank 2"],
    ["pad by too few widths", () => m.pad(x, [[1, 1]]), "pad needs a pair of non-negative widths"],
    [
      "pad by negative widths",
      () =>
        m.pad(x, [
          [1, -1],
          [0, 0],
        ]),
      "pad needs a pair of non-negative widths",
    ],
    ["concat of nothing", () => m.concat([]), "concat needs at least one tensor"],
    [
      "concat of other shapes",
      () => m.concat([x, rows as never], 0),
      "concat along axis 0 does not fit: float32[2, 3], float32[N, 6]",
    ],
    [
      "concat along a symbol",
      () => m.concat([rows, rows], 0),
      "concat along axis 0 needs a fixed dimension, but got N",
    ],
    ["split into other sizes", () => m.split(x, [1, 1], 1), "split sizes 1 + 1 do not make axis 1 of [2, 3]"],
    ["tile with too few counts", () => m.tile(x, [2]), "tile needs a count for each axis"],
  ])("%s", (_, build, message) => {
    expect(build).toThrow(message);
  });
});
