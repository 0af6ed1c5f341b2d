import { describe, expect, it } from "vitest";
import * as t from "../tensor/index.js";
import { evaluate, filled, host, numbersOf } from "../testing/index.js";
import { grad, vjp } from "./grad.js";

type F32 = t.Tensor<"float32">;

const x = t.input("x", [3]);
const at = (...values: number[]) => ({ x: host(values) });

function count(outputs: readonly t.Tensor[]): number {
  const seen = new Set<t.Tensor>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const tensor = stack.pop() as t.Tensor;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.operands);
  }
  return seen.size;
}

/** Gradient of the sum of f at the given values. */
async function slope(f: (x: F32) => t.Tensor, ...values: number[]): Promise<number[]> {
  const v = t.input("x", [values.length]);
  const y = f(v) as F32;
  return numbersOf(
    await evaluate(grad(y.shape.length === 0 ? y : t.sum(y), [v])[0] as t.Tensor, at(...values)),
  );
}

describe("grad", () => {
  it("adds up over several uses of a tensor", async () => {
    const y = t.sum(t.add(t.mul(x, x), t.mul(3, x)));
    expect(await evaluate(grad(y, [x])[0] as t.Tensor, at(1, 2, 3))).toBeAllClose([5, 7, 9]);
  });

  it("takes intermediate expressions, also beside those that they depend on", async () => {
    const h = t.mul(x, 2) as F32;
    const y = t.sum(t.mul(h, x));
    const [gh, gx] = grad(y, [h, x]) as [t.Tensor, t.Tensor];
    const { a, b } = await evaluate({ a: gh, b: gx }, at(1, 2, 3));
    expect(a).toBeAllClose([1, 2, 3]);
    expect(b).toBeAllClose([4, 8, 12]);
  });

  it("gives the output itself the gradient 1", async () => {
    const y = t.sum(x);
    expect(await evaluate(grad(y, [y])[0] as t.Tensor)).toBeAllClose([1]);
  });

  it("gives zeros in its shape to a tensor that the output does not depend on", async () => {
    const other = t.input("other", [2, 2], "float64");
    const [gradient] = grad(t.sum(x), [other]) as [t.Tensor];
    expect(gradient.dtype).toBe("float64");
    expect(await evaluate(gradient)).toBeAllClose(host([0, 0, 0, 0], [2, 2], "float64"));
  });

  it("builds nothing for tensors outside the paths to wrt", () => {
    const w = t.input("w", [3]);
    let deep: F32 = x;
    for (let i = 0; i < 100; i++) deep = t.tanh(deep);
    expect(count(grad(t.sum(t.mul(deep, w)), [w]))).toBeLessThan(110);
  });

  it("holds tensors named in `constants` fixed", async () => {
    const h = t.square(x);
    const [gradient] = grad(t.sum(t.mul(h, x)), [x], { constants: [h] });
    expect(await evaluate(gradient as t.Tensor, at(1, 2, 3))).toBeAllClose([1, 4, 9]);
  });

  it("keeps a symbolic batch", async () => {
    const rows = t.input("rows", [t.symbol("N"), 2]);
    const bias = t.input("bias", [2]);
    const gradients = grad(t.sum(t.square(t.add(rows, bias))), [rows, bias]) as [t.Tensor, t.Tensor];
    const feeds = { rows: filled([3, 2], (i) => i), bias: host([1, 1]) };
    const { a, b } = await evaluate({ a: gradients[0], b: gradients[1] }, feeds);
    expect(a).toBeAllClose(host([2, 4, 6, 8, 10, 12], [3, 2]));
    expect(b).toBeAllClose([18, 24]);
  });

  it("does not recurse: 50,000 nodes in a chain", () => {
    let deep: F32 = x;
    for (let i = 0; i < 50_000; i++) deep = i % 2 ? t.tanh(deep) : (t.add(deep, x) as F32);
    expect(count(grad(t.sum(deep), [x]))).toBeGreaterThan(50_000);
  });

  it("joins the gradients of parts into one concatenation", () => {
    const flat = t.input("flat", [60]);
    const parts = t.split(
      flat,
      Array.from({ length: 20 }, () => 3),
    );
    const loss = parts.map((part) => t.sum(t.exp(part))).reduce((a, b) => t.add(a, b) as F32);
    const [gradient] = grad(loss, [flat]) as [t.Tensor];
    expect(gradient.operator).toBe("concat");
  });

  it("joins parts with gaps and adds those that overlap", async () => {
    const flat = t.input("flat", [6]);
    const part = (start: number, end: number) => t.square(t.slice(flat, { 0: { start, end } }));
    const apart = t.add(t.sum(part(1, 2)), t.sum(part(3, 5)));
    const overlapping = t.add(apart, t.sum(part(0, 2)));
    const [a] = grad(apart, [flat]) as [t.Tensor];
    const [b] = grad(overlapping, [flat]) as [t.Tensor];
    const results = await evaluate({ a, b }, { flat: host([1, 2, 3, 4, 5, 6]) });
    expect(results.a).toBeAllClose([0, 4, 0, 8, 10, 0]);
    expect(results.b).toBeAllClose([2, 8, 0, 8, 10, 0]);
  });

  it("refuses what has no gradient, and says what to do", () => {
    const n = t.input("n", [3], "int64");
    expect(() => grad(x, [x])).toThrow("grad needs a float scalar, got float32[3]; reduce it with sum()");
    expect(() => grad(t.sum(n), [x])).toThrow("got int64[]");
    expect(() => grad(t.sum(x), [x, n])).toThrow("number 1 of wrt is int64");
    expect(() => grad(t.sum(x), [t.scalar(1)])).toThrow("number 0 of wrt is a constant");
  });

  it("carries nothing through integers and booleans", async () => {
    const y = t.sum(t.mul(t.cast(t.cast(x, "int32"), "float32"), x));
    expect(await evaluate(grad(y, [x])[0] as t.Tensor, at(1.5, 2.5, -3.5))).toBeAllClose([1, 2, -3]);
  });
});

describe("vjp", () => {
  it("sums over several outputs, each with its cotangent", async () => {
    const outputs = [t.square(x), t.sum(x)];
    const [gradient] = vjp(outputs, [t.constant([1, 10, 100]), t.scalar(5)], [x]) as [t.Tensor];
    expect(await evaluate(gradient, at(1, 2, 3))).toBeAllClose([7, 45, 605]);
  });

  it("refuses cotangents that do not fit", () => {
    expect(() => vjp([x], [], [x])).toThrow("one cotangent for each of 1 outputs, got 0");
    expect(() => vjp([x], [t.scalar(1)], [x])).toThrow(
      "cotangent 0 is float32[], but its output is float32[3]",
    );
    expect(() => vjp([x], [t.ones([3], "float64")], [x])).toThrow("cotangent 0 is float64[3]");
  });
});

describe("stopGradient and customGradient", () => {
  it("stops", async () => {
    expect(await slope((v) => t.mul(t.stopGradient(t.square(v)), v), 1, 2)).toEqual([1, 4]);
  });

  it("uses the rule, which sees the gradient, the output and the inputs", async () => {
    const y = t.customGradient(t.exp(x), [x], (gradient, output, [input]) => [
      t.mul(t.mul(gradient as F32, output as F32) as F32, t.mul(input as F32, 10) as F32),
    ]);
    const gradient = grad(t.sum(t.mul(y, 2)), [x])[0] as t.Tensor;
    const expected = [0, 1, 2].map((v) => 20 * v * Math.exp(v));
    expect(await evaluate(gradient, at(0, 1, 2))).toBeAllClose(expected);
  });

  it("can be differentiated again through the rule", async () => {
    const y = t.customGradient(t.floor(x), [x], (gradient, _, [input]) => [
      t.mul(gradient as F32, t.square(input as F32)),
    ]);
    const once = grad(t.sum(y), [x])[0] as F32;
    expect(await evaluate(grad(t.sum(once), [x])[0] as t.Tensor, at(1, 2, 3))).toBeAllClose([2, 4, 6]);
  });

  it("passes gradients straight through", async () => {
    expect(await slope((v) => t.mul(t.straightThrough(t.round(v), v), 3), 0.2, 0.7)).toEqual([3, 3]);
  });

  it("refuses rules whose gradients do not fit, by name", () => {
    const wrong = (result: readonly (t.Tensor | undefined)[]) => () =>
      grad(t.sum(t.customGradient(t.exp(x), [x], () => result)), [x]);
    expect(wrong([])).toThrow("customGradient: the rule returned 0 gradients for 1 inputs");
    expect(wrong([t.ones([2])])).toThrow("the rule returned float32[2] for input 0, which is float32[3]");
  });

  it("lets a rule leave an input out", async () => {
    const y = t.customGradient(t.exp(x), [x], () => [undefined]);
    expect(await evaluate(grad(t.sum(t.add(y, x)), [x])[0] as t.Tensor)).toBeAllClose([1, 1, 1]);
  });
});

describe("gradients at edges", () => {
  it("of softplus and log-sigmoid far from 0 (jax-js's traced softplus(100) is infinite)", async () => {
    expect(await slope(t.softplus, -100, 0, 100)).toBeAllClose([0, 0.5, 1]);
    expect(await slope(t.logSigmoid, -100, 0, 100)).toBeAllClose([1, 0.5, 0]);
    const values = await evaluate(t.softplus(x), at(-100, 0, 100));
    expect(values).toBeAllClose([0, Math.LN2, 100]);
  });

  it("of the square root and norm at 0 are 0, and so are their gradients", async () => {
    expect(await slope(t.sqrt, 0, 4)).toEqual([0, 0.25]);
    const norm = (v: F32) => t.sqrt(t.sum(t.square(v)));
    expect(await slope(norm, 0, 0)).toEqual([0, 0]);
    expect(await slope(norm, 3, 4)).toBeAllClose([0.6, 0.8]);
    expect(await slope((v) => grad(norm(v), [v])[0] as F32, 0, 0)).toEqual([0, 0]);
  });

  it("of square roots of small numbers are exact", async () => {
    expect(await slope(t.sqrt, 1e-30)).toBeAllClose([0.5e15], { rtol: 1e-5 });
  });

  it("of |x|, sign, relu, step at 0 are 0 (jax-js gives relu 1)", async () => {
    expect(await slope(t.abs, -2, 0, 2)).toEqual([-1, 0, 1]);
    expect(await slope(t.relu, -2, 0, 2)).toEqual([0, 0, 1]);
    expect(await slope(t.sign, -2, 0, 2)).toEqual([0, 0, 0]);
    expect(await slope(t.step, -2, 0, 2)).toEqual([0, 0, 0]);
    expect(await slope((v) => t.leakyRelu(v, 0.25), -2, 0, 2)).toEqual([0.25, 0.25, 1]);
    expect(await slope(t.elu, -1000, 0, 2)).toEqual([0, 1, 1]);
  });

  it("of clip are 1 up to its bounds and 0 beyond", async () => {
    expect(await slope((v) => t.clip(v, -1, 1), -2, -1, 0, 1, 2)).toEqual([0, 1, 1, 1, 0]);
  });

  it("of log1p and expm1 do not pass through their corrections", async () => {
    expect(await slope(t.log1p, 0, 1e-9, 3, Infinity)).toBeAllClose([1, 1, 0.25, 0]);
    expect(await slope(t.expm1, -Infinity, 0, 1e-9)).toBeAllClose([0, 1, 1]);
  });

  it("are shared by ties: half each of two, equal parts among all", async () => {
    expect(await slope((v) => t.maximum(v, 1), 0, 1, 2)).toEqual([0, 0.5, 1]);
    expect(await slope((v) => t.minimum(v, 1), 0, 1, 2)).toEqual([1, 0.5, 0]);
    expect(await slope((v) => t.max(v), 3, 1, 3, 3)).toBeAllClose([1 / 3, 0, 1 / 3, 1 / 3]);
    expect(await slope((v) => t.min(v), 3, 1, 3, 1)).toEqual([0, 0.5, 0, 0.5]);
  });

  it("of powers with base or exponent 0 are finite where the function is", async () => {
    expect(await slope((v) => t.pow(v, 2), 0, -3)).toEqual([0, -6]);
    expect(await slope((v) => t.pow(v, 0), 0, 2)).toEqual([0, 0]);
    expect(await slope((v) => t.pow(v, 1), 0, 2)).toEqual([1, 1]);
    expect(await slope((v) => t.pow(v, t.zeros([2])), 0, 2)).toEqual([0, 0]);
    expect(await slope((v) => t.pow(t.constant([0, 1]), v), 2, 2)).toEqual([0, 0]);
  });

  it("of products that hold zeros are the products of the others, at every order", async () => {
    expect(await slope((v) => t.prod(v), 2, 0, 3)).toEqual([0, 6, 0]);
    expect(await slope((v) => t.prod(v), 0, 0, 3)).toEqual([0, 0, 0]);
    const first = (v: F32) => t.slice(grad(t.prod(v), [v])[0] as F32, { 0: { end: 1 } });
    expect(await slope(first, 0, 0, 3)).toEqual([0, 3, 0]);
  });

  it("of log-sum-exp and softmax do not overflow", async () => {
    expect(await slope((v) => t.logSumExp(v), 1000, 1000)).toEqual([0.5, 0.5]);
    expect(await slope((v) => t.logSumExp(v), -1000, 0)).toEqual([0, 1]);
    expect(await slope((v) => t.slice(t.logSoftmax(v), { 0: { end: 1 } }), 500, -500)).toEqual([0, 0]);
  });

  it("of log-sum-exp ignore entries masked by -infinity", async () => {
    const mask = t.constant([true, false, true], [3], "bool");
    const masked = (v: F32) => t.logSumExp(t.where(mask, v, Number.NEGATIVE_INFINITY) as F32);
    expect(await slope(masked, 0, 5, 0)).toBeAllClose([0.5, 0, 0.5]);
  });

  it("of where are NaN if a branch not taken has an infinite slope, unless its operand is masked too", async () => {
    const isPositive = (v: F32) => t.greater(v, 0);
    const once = (v: F32) => t.where(isPositive(v), t.log(v), 0);
    const twice = (v: F32) => t.where(isPositive(v), t.log(t.where(isPositive(v), v, 1) as F32), 0);
    expect(await slope(once, 0, 2)).toEqual([Number.NaN, 0.5]);
    expect(await slope(twice, 0, 2)).toEqual([0, 0.5]);
  });
});
