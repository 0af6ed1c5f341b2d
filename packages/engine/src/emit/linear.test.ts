import { describe, expect, it } from "vitest";
import { readModel } from "../onnx/index.js";
import type { HostTensor } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, filled } from "../testing/index.js";
import { emitModel } from "./emit-model.js";

/** Row-major product of [m, k] and [k, n]. */
function product(a: HostTensor, b: HostTensor): number[] {
  const [m, k, n] = [a.shape[0]!, a.shape[1]!, b.shape[1]!];
  return Array.from({ length: m * n }, (_, at) => {
    let total = 0;
    for (let i = 0; i < k; i++) {
      total += Number(a.data[Math.floor(at / n) * k + i]) * Number(b.data[i * n + (at % n)]);
    }
    return total;
  });
}

function transposed(a: HostTensor): HostTensor<"float32"> {
  const [m, n] = a.shape as [number, number];
  return filled([n, m], (i) => Number(a.data[(i % m) * n + Math.floor(i / m)]));
}

function countOf(output: t.Tensor, operator: string): number {
  return readModel(emitModel({ outputs: { output } })).operators["ai.onnx"]?.[operator] ?? 0;
}

const a = filled([3, 4], (i) => (i % 5) - 2);
const b = filled([4, 2], (i) => (i % 3) - 1);
const bias = filled([2], (i) => i + 10);

describe("matmul", () => {
  it("multiplies with either operand transposed in place", async () => {
    const [x, y] = [t.input("x", [3, 4]), t.input("y", [4, 2])];
    const [xT, yT] = [t.input("xT", [4, 3]), t.input("yT", [2, 4])];
    const outputs = {
      plain: t.matmul(x, y),
      left: t.matmul(t.transpose(xT), y),
      right: t.matmul(x, t.transpose(yT)),
      both: t.matmul(t.transpose(xT), t.transpose(yT)),
    };
    const result = await evaluate(outputs, { x: a, y: b, xT: transposed(a), yT: transposed(b) });
    for (const value of Object.values(result))
      expect(value).toBeAllClose(filled([3, 2], (i) => product(a, b)[i]!));
    expect(readModel(emitModel({ outputs })).operators["ai.onnx"]).toEqual({ MatMul: 1, Gemm: 3 });
  });

  it("takes a bias into one Gemm, from either side and from a broadcast", async () => {
    const [x, y, c] = [t.input("x", [t.symbol("N"), 4]), t.input("y", [4, 2]), t.input("c", [2])];
    const wide = t.broadcastTo(c, [t.symbol("N"), 2]);
    const [right, left, spread] = [
      t.add(t.matmul(x, y), c),
      t.add(c, t.matmul(x, y)),
      t.add(t.matmul(x, y), wide),
    ];
    const outputs = { right, left, spread };
    const result = await evaluate(outputs, { x: a, y: b, c: bias });
    const expected = product(a, b).map((value, i) => value + 10 + (i % 2));
    for (const value of Object.values(result)) expect(value).toBeAllClose(expected);
    expect(readModel(emitModel({ outputs })).operators["ai.onnx"]).toEqual({ Gemm: 3 });
  });

  it("keeps a product that others use, and one that the bias widens", async () => {
    const [x, y, c] = [t.input("x", [3, 4]), t.input("y", [4, 2]), t.input("c", [2])];
    const shared = t.matmul(x, y);
    const twice = t.mul(t.add(shared, c), shared);
    const wider = t.add(t.matmul(x, y), t.ones([5, 3, 2]));
    const result = await evaluate({ twice, wider }, { x: a, y: b, c: bias });
    expect(result.twice).toBeAllClose(product(a, b).map((value, i) => (value + 10 + (i % 2)) * value));
    expect(result.wider.shape).toEqual([5, 3, 2]);
    expect(countOf(twice, "MatMul")).toBe(1);
    expect(countOf(wider, "Gemm")).toBe(0);
  });

  it("adds two products", async () => {
    const [x, y] = [t.input("x", [3, 4]), t.input("y", [4, 2])];
    const sum = t.add(t.matmul(x, y), t.matmul(t.neg(x), y));
    expect(await evaluate(sum, { x: a, y: b })).toBeAllClose([0, 0, 0, 0, 0, 0]);
  });

  it("broadcasts leading axes, works in float64 and on an empty inner axis", async () => {
    const x = t.input("x", [2, 1, 3, 4]);
    const y = t.input("y", [5, 4, 2]);
    const wide = await evaluate(t.matmul(x, y), {
      x: filled([2, 1, 3, 4], (i) => a.data[i % 12]!),
      y: filled([5, 4, 2], (i) => b.data[i % 8]!),
    });
    expect(wide).toBeAllClose(filled([2, 5, 3, 2], (i) => product(a, b)[i % 6]!));
    const double = await evaluate(
      t.matmul(t.constant([1e-9, 1], [1, 2], "float64"), t.constant([1, 1], [2, 1], "float64")),
    );
    expect(double.data[0]).toBe(1 + 1e-9);
    const none = t.matmul(t.input("p", [2, 0]), t.input("q", [0, 3]));
    expect(await evaluate(none, { p: filled([2, 0], Number), q: filled([0, 3], Number) })).toBeAllClose(
      filled([2, 3], () => 0),
    );
  });

  it("contracts by einsum", async () => {
    const result = await evaluate(t.einsum("bi,oi->bo", t.input("x", [3, 4]), t.input("w", [2, 4])), {
      x: a,
      w: transposed(b),
    });
    expect(result).toBeAllClose(product(a, b));
  });
});
