import { describe, expect, it } from "vitest";
import type { DType, FloatDType, NumericDType } from "../tensor/dtype.js";
import * as t from "../tensor/index.js";
import { evaluate, host } from "../testing/index.js";

const floats: readonly FloatDType[] = ["float32", "float64"];
const numeric: readonly NumericDType[] = [...floats, "int32", "int64", "uint8"];

const edges = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -1,
  1,
  -0.5,
  0.5,
  1.5,
  2.5,
  -2.5,
  30,
  -30,
  1e-3,
  100,
  -100,
];
const samples: Record<NumericDType, readonly number[]> = {
  float32: edges,
  float64: edges,
  int32: [0, 1, -1, 7, -7, 100, -100],
  int64: [0, 1, -1, 7, -7, 100, -100],
  uint8: [0, 1, 2, 7, 100, 255],
};

/** A result as the dtype holds it: integers wrap, as in numpy. */
function held(dtype: DType, value: number): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "uint8") return value & 255;
  if (dtype === "int32") return value | 0;
  return value;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function erf(x: number): number {
  if (!Number.isFinite(x)) return Math.sign(x);
  if (Math.abs(x) > 6) return Math.sign(x);
  // Maclaurin series; 200 terms are exact to double precision for |x| ≤ 6 but for cancellation.
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const step = (x: number) => (x > 0 ? 1 : 0);

describe("elementwise operators of one float operand", () => {
  it.each([
    ["exp", t.exp, Math.exp],
    ["log", t.log, Math.log],
    ["sqrt", t.sqrt, Math.sqrt],
    ["reciprocal", t.reciprocal, (x: number) => 1 / x],
    ["sin", t.sin, Math.sin],
    ["cos", t.cos, Math.cos],
    ["tanh", t.tanh, Math.tanh],
    ["erf", t.erf, erf],
    ["sigmoid", t.sigmoid, sigmoid],
    ["softplus", t.softplus, softplus],
    ["leakyRelu", (x: t.Tensor<FloatDType>) => t.leakyRelu(x, 0.1), (x: number) => (x > 0 ? x : 0.1 * x)],
  ] as const)("%s", async (name, build, expected) => {
    for (const dtype of floats) {
      const values = samples[dtype].filter((x) => name !== "reciprocal" || x !== 0);
      const result = await evaluate(build(t.input("x", [values.length], dtype)), {
        x: host(values, undefined, dtype),
      });
      expect(result.dtype).toBe(dtype);
      expect(result).toBeAllClose(
        values.map((x) => held(dtype, expected(x))),
        { rtol: 2e-6, atol: 2e-7 },
      );
    }
  });

  it("tells NaN and infinities apart", async () => {
    for (const dtype of floats) {
      const x = t.input("x", [4], dtype);
      const outputs = { nan: t.isNaN(x), infinite: t.isInfinite(x), finite: t.isFinite(x) };
      const result = await evaluate(outputs, { x: host([Number.NaN, Infinity, -Infinity, 1], [4], dtype) });
      expect([...result.nan.data]).toEqual([1, 0, 0, 0]);
      expect([...result.infinite.data]).toEqual([0, 1, 1, 0]);
      expect([...result.finite.data]).toEqual([0, 0, 0, 1]);
    }
  });

  it("keeps NaN, so that a diverged training step shows in its loss", async () => {
    const x = t.constant([Number.NaN, 1]);
    const outputs = { relu: t.relu(x), step: t.step(x), softplus: t.softplus(x), maximum: t.maximum(x, 0) };
    for (const value of Object.values(await evaluate(outputs))) expect(value.data[0]).toBeNaN();
  });

  it("softplus and its logarithm of the sigmoid stay finite far out", async () => {
    const x = t.input("x", [4]);
    const result = await evaluate(
      { softplus: t.softplus(x), logSigmoid: t.logSigmoid(x) },
      { x: host([-1e4, -88, 88, 1e4]) },
    );
    expect(result.softplus).toBeAllClose([0, 0, 88, 1e4]);
    expect(result.logSigmoid).toBeAllClose([-1e4, -88, 0, 0]);
  });
});

describe("elementwise operators of one numeric operand", () => {
  it.each([
    ["neg", t.neg, (x: number) => -x],
    ["abs", t.abs, Math.abs],
    ["sign", t.sign, Math.sign],
    ["floor", t.floor, Math.floor],
    ["ceil", t.ceil, Math.ceil],
    ["round", t.round, roundHalfToEven],
    ["relu", t.relu, (x: number) => Math.max(x, 0)],
    ["step", t.step, step],
  ] as const)("%s", async (name, build, expected) => {
    for (const dtype of numeric) {
      const values = samples[dtype].filter((x) => name !== "step" || !Number.isNaN(x));
      const x: t.Tensor<NumericDType> = t.input("x", [values.length], dtype);
      const result = await evaluate(build(x), { x: host(values, undefined, dtype) });
      expect(result.dtype).toBe(dtype);
      expect(result).toBeAllClose(
        values.map((value) => held(dtype, expected(value))),
        { atol: 0 },
      );
    }
  });
});

describe("elementwise operators of two operands", () => {
  const mod = (a: number, b: number) => {
    const remainder = a % b;
    return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
  };
  const pairs: Record<NumericDType, readonly (readonly [number, number])[]> = {
    float32: [
      [1, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [5.5, 2],
      [0, 3],
      [1e-3, 1],
      [-1e-3, 1],
      [2, 0.5],
      [9, 3],
    ],
    float64: [
      [1, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [5.5, 2],
      [0, 3],
      [1e-9, 1],
      [-1e-9, 1],
      [2, 0.5],
      [9, 3],
    ],
    int32: [
      [1, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [0, 3],
      [9, 3],
    ],
    int64: [
      [1, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [0, 3],
      [9, 3],
    ],
    uint8: [
      [1, 2],
      [7, 2],
      [250, 10],
      [0, 3],
      [9, 3],
      [16, 2],
    ],
  };

  it.each([
    ["add", t.add, (a: number, b: number) => a + b],
    ["sub", t.sub, (a: number, b: number) => a - b],
    ["mul", t.mul, (a: number, b: number) => a * b],
    ["div", t.div, (a: number, b: number) => a / b],
    ["pow", t.pow, (a: number, b: number) => a ** b],
    ["minimum", t.minimum, Math.min],
    ["maximum", t.maximum, Math.max],
    ["mod", t.mod, mod],
  ] as const)("%s", async (name, build, exact) => {
    for (const dtype of numeric) {
      const isFloat = dtype === "float32" || dtype === "float64";
      // A negative power of an integer has no value in its dtype.
      const operands = pairs[dtype].filter(([, b]) => isFloat || name !== "pow" || b >= 0);
      const expected = operands.map(([a, b]) => {
        const value = exact(a, b);
        return isFloat ? value : held(dtype, Math.trunc(value));
      });
      const shape = [operands.length];
      const result = await evaluate(
        build<NumericDType>(t.input("a", shape, dtype), t.input("b", shape, dtype)),
        {
          a: host(
            operands.map(([a]) => a),
            shape,
            dtype,
          ),
          b: host(
            operands.map(([, b]) => b),
            shape,
            dtype,
          ),
        },
      );
      expect(result.dtype).toBe(dtype);
      expect(result).toBeAllClose(expected, { rtol: 1e-6, atol: dtype === "float64" ? 1e-15 : 1e-7 });
    }
  });

  it.each([
    ["equal", t.equal, (a: number, b: number) => a === b],
    ["less", t.less, (a: number, b: number) => a < b],
    ["lessEqual", t.lessEqual, (a: number, b: number) => a <= b],
    ["greater", t.greater, (a: number, b: number) => a > b],
    ["greaterEqual", t.greaterEqual, (a: number, b: number) => a >= b],
  ] as const)("%s", async (_, build, expected) => {
    for (const dtype of numeric) {
      const a = [1, 2, 3, 200, dtype === "float32" ? Number.NaN : 0];
      const b = [2, 2, 1, 7, 0];
      const result = await evaluate(build<NumericDType>(t.input("a", [5], dtype), t.input("b", [5], dtype)), {
        a: host(a, [5], dtype),
        b: host(b, [5], dtype),
      });
      expect(result.dtype).toBe("bool");
      expect(result).toBeAllClose(a.map((value, i) => expected(value, b[i]!)));
    }
  });

  it("compares strings and bools for equality", async () => {
    const strings = await evaluate(
      t.equal(t.input("a", [2, 1], "string"), t.constant(["cat", "dog"], [2], "string")),
      { a: host(["cat", ""], [2, 1], "string") },
    );
    expect([...strings.data]).toEqual([1, 0, 0, 0]);
    const bools = await evaluate(t.equal(t.input("a", [2], "bool"), t.constant([true, true], [2], "bool")), {
      a: host([true, false], [2], "bool"),
    });
    expect([...bools.data]).toEqual([1, 0]);
  });

  it("and, or, xor, not", async () => {
    const a = t.constant([false, false, true, true], [4], "bool");
    const b = t.constant([false, true, false, true], [4], "bool");
    const result = await evaluate({ and: t.and(a, b), or: t.or(a, b), xor: t.xor(a, b), not: t.not(a) });
    expect([...result.and.data]).toEqual([0, 0, 0, 1]);
    expect([...result.or.data]).toEqual([0, 1, 1, 1]);
    expect([...result.xor.data]).toEqual([0, 1, 1, 0]);
    expect([...result.not.data]).toEqual([1, 1, 0, 0]);
  });

  it("broadcasts over different ranks", async () => {
    const a = t.input("a", [2, 1, 3]);
    const b = t.input("b", [2, 1]);
    const result = await evaluate(t.sub(a, b), {
      a: host([1, 2, 3, 4, 5, 6], [2, 1, 3]),
      b: host([10, 20], [2, 1]),
    });
    expect(result).toBeAllClose(host([-9, -8, -7, -19, -18, -17, -6, -5, -4, -16, -15, -14], [2, 2, 3]));
  });

  it("works on no elements", async () => {
    const x = t.input("x", [0, 3]);
    const result = await evaluate(t.add(t.softplus(x), 1), { x: host([], [0, 3]) });
    expect(result.shape).toEqual([0, 3]);
  });
});

describe("where", () => {
  it("picks from branches of every dtype", async () => {
    const condition = t.constant([true, false], [2], "bool");
    for (const dtype of [...numeric, "bool", "string"] as const) {
      const [yes, no] = [t.constant([1, 1] as never, [2], dtype), t.constant([0] as never, [1], dtype)];
      const result = await evaluate(t.where<DType>(condition, yes, no));
      expect(result.dtype).toBe(dtype);
      expect(Array.from(result.data, Number)).toEqual([1, 0]);
    }
  });
});

describe("cast", () => {
  it("converts between all dtypes but string", async () => {
    const dtypes = [...numeric, "bool"] as const;
    for (const from of dtypes) {
      for (const to of dtypes) {
        const x = t.input("x", [3], from);
        const result = await evaluate(t.add(t.cast(t.cast(x, to), "float64"), 0), {
          x: host([0, 1, 3.75], [3], from),
        });
        const asFrom = from === "bool" ? [0, 1, 1] : from.startsWith("float") ? [0, 1, 3.75] : [0, 1, 3];
        const expected = asFrom.map((v) =>
          to === "bool" ? Number(v !== 0) : to.startsWith("float") ? v : Math.trunc(v),
        );
        expect(result).toBeAllClose(expected);
      }
    }
  });

  it("truncates towards zero", async () => {
    const result = await evaluate(t.cast(t.constant([-1.5, 1.5, -0.5]), "int64"));
    expect(result.data).toEqual(BigInt64Array.from([-1n, 1n, 0n]));
  });
});
