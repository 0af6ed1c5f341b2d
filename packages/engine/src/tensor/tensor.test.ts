import { describe, expect, it } from "vitest";
import { evaluate, host } from "../testing/index.js";
import { add, cast, mul, where } from "./elementwise.js";
import { constant, full, input, isOperator, isTensor, scalar } from "./tensor.js";

describe("constant", () => {
  it("keeps typed arrays by reference and converts numbers", () => {
    const data = new Float32Array([1, 2]);
    const kept = constant(data);
    expect(isOperator(kept, "constant") && kept.attributes.data).toBe(data);
    const made = constant([1.9, -1.9, 3], [3], "int64");
    expect(isOperator(made, "constant") && made.attributes.data).toEqual(new BigInt64Array([1n, -1n, 3n]));
    const flags = constant([true, false], [2], "bool");
    expect(isOperator(flags, "constant") && flags.attributes.data).toEqual(new Uint8Array([1, 0]));
  });

  it("refuses the wrong number of values and the wrong kind of array", () => {
    expect(() => constant([1, 2, 3], [2, 2])).toThrow("constant of shape [2, 2] needs 4 values, got 3");
    expect(() => constant(new Float64Array(2) as never)).toThrow(
      "constant of float32 needs a Float32Array, got Float64Array",
    );
  });
});

describe("operands", () => {
  const x = input("x", [2], "float64");

  it("give numbers the dtype of the tensor beside them", async () => {
    const y = add(1, mul(x, 0.1));
    expect(y.dtype).toBe("float64");
    expect(await evaluate(y, { x: host([1, 2], [2], "float64") })).toBeAllClose([1.1, 1.2], { rtol: 1e-15 });
    expect(add(1, 2).dtype).toBe("float32");
    expect(add(input("n", [], "int64"), 1).dtype).toBe("int64");
  });

  it("refuse to mix dtypes, and name cast", () => {
    expect(() => add(x as never, scalar(1))).toThrow(
      "add needs operands of one dtype, got float64 and float32; use cast()",
    );
    expect(() => add(cast(x, "bool") as never, 1)).toThrow("add needs a numeric tensor, got bool");
    expect(() => where(x as never, 1, 2)).toThrow("where needs a bool condition, got float64");
  });
});

it("full keeps a symbolic shape as a broadcast scalar", () => {
  const zeros = full([{ symbol: "N", factor: 2 }, 3], 0);
  expect(zeros.operator).toBe("broadcastTo");
  expect(full([], 5).operator).toBe("constant");
});

it("isTensor tells tensors from numbers and other objects", () => {
  expect([scalar(1), 1, null, { shape: [] }].map(isTensor)).toEqual([true, false, false, false]);
});
