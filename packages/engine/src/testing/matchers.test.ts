import { describe, expect, it } from "vitest";
import "./matchers.js";

describe("toBeAllClose", () => {
  it("accepts values within the tolerance, and NaN for NaN", () => {
    expect([1, 2.00001, Number.NaN, Infinity]).toBeAllClose([1, 2, Number.NaN, Infinity]);
    expect([1.05]).toBeAllClose([1], { rtol: 0.1 });
  });

  it("says where the first difference is", () => {
    const received = { dtype: "float32", shape: [2, 2], data: new Float32Array([1, 2, 3, 5]) } as const;
    expect(() => expect(received).toBeAllClose([1, 2, 3, 4])).toThrow(
      "1 of 4 elements differ, first at [1, 1]: expected 4, got 5",
    );
  });

  it("rejects other lengths and shapes, NaN for a number, and infinity for a number", () => {
    const row = { dtype: "float32", shape: [1, 2], data: new Float32Array([1, 2]) } as const;
    expect([1]).not.toBeAllClose([1, 2]);
    expect(row).not.toBeAllClose({ ...row, shape: [2, 1] });
    expect([Number.NaN]).not.toBeAllClose([0]);
    expect([Infinity]).not.toBeAllClose([1]);
  });
});
