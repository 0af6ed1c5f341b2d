import { describe, expect, it } from "vitest";
import { evaluate, host, numbersOf } from "../testing/index.js";
import {
  add,
  cast,
  clip,
  elu,
  exp,
  expm1,
  isFinite,
  log,
  log1p,
  logSigmoid,
  notEqual,
} from "./elementwise.js";
import { symbol } from "./shape.js";
import { input, type Tensor } from "./tensor.js";

const x = input("x", [symbol("N")]);
const x64 = input("x", [symbol("N")], "float64");

describe("log1p and expm1", () => {
  const small = Array.from({ length: 60 }, (_, i) => (i % 2 ? -1 : 1) * 10 ** (-i / 6));
  const near = small.filter((value) => value > -1);

  it("keep all digits near 0, in float32", async () => {
    const values = near.map(Math.fround);
    const results = await evaluate({ a: log1p(x), b: expm1(x) }, { x: host(values) });
    expect(results.a).toBeAllClose(values.map(Math.log1p), { rtol: 5e-7, atol: 0 });
    expect(results.b).toBeAllClose(values.map(Math.expm1), { rtol: 5e-7, atol: 0 });
  });

  it("keep all digits near 0, in float64", async () => {
    const results = await evaluate(
      { a: log1p(x64), b: expm1(x64) },
      { x: host(near, [near.length], "float64") },
    );
    expect(results.a).toBeAllClose(near.map(Math.log1p), { rtol: 1e-14, atol: 0 });
    expect(results.b).toBeAllClose(near.map(Math.expm1), { rtol: 1e-14, atol: 0 });
  });

  it("go to their limits", async () => {
    const values = [-1, 0, 1e30, Infinity, Number.NaN];
    expect(await evaluate(log1p(x), { x: host(values) })).toBeAllClose(values.map(Math.log1p));
    const others = [-Infinity, -100, 0, 100, Infinity, Number.NaN];
    expect(await evaluate(expm1(x64), { x: host(others, [6], "float64") })).toBeAllClose(
      others.map(Math.expm1),
    );
  });

  it("are needed: the plain forms lose the digits", async () => {
    const plain = log(add(x, 1) as Tensor<"float32">);
    const [value] = numbersOf(await evaluate(plain, { x: host([1e-8]) }));
    expect(value).toBe(0);
  });
});

it("logSigmoid neither overflows nor rounds to 0", async () => {
  const values = await evaluate(logSigmoid(x), { x: host([-200, -1, 0, 15]) });
  expect(values).toBeAllClose([-200, -Math.log1p(Math.E), -Math.LN2, -Math.log1p(Math.exp(-15))], {
    rtol: 1e-6,
  });
});

it("elu is exp(x) - 1 below 0 and x above", async () => {
  expect(await evaluate(elu(x), { x: host([-100, -1, 0, 2, 1000]) })).toBeAllClose([
    -1,
    Math.exp(-1) - 1,
    0,
    2,
    1000,
  ]);
});

it("clip limits on both sides and lets NaN through", async () => {
  expect(await evaluate(clip(x, -1, 2), { x: host([-3, -1, 0, 2, 5, Number.NaN]) })).toBeAllClose([
    -1,
    -1,
    0,
    2,
    2,
    Number.NaN,
  ]);
});

it("notEqual and isFinite follow IEEE", async () => {
  const values = host([1, Number.NaN, Infinity, -Infinity]);
  const results = await evaluate({ a: notEqual(x, x), b: isFinite(x) }, { x: values });
  expect(results.a).toBeAllClose([0, 1, 0, 0]);
  expect(results.b).toBeAllClose([1, 0, 0, 0]);
});

it("float functions refuse integers, and strings are not cast", () => {
  expect(() => exp(input("n", [2], "int32") as never)).toThrow(
    "exp needs a float32 or float64 tensor, got int32; use cast()",
  );
  expect(() => cast(input("s", [2], "string"), "float32")).toThrow("use labelEncode() for strings");
});
