import { describe, expect, it } from "vitest";
import {
  broadcastShapes,
  dimEquals,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  sizeOf,
  staticShape,
  symbol,
} from "./shape.js";

const n = symbol("N");

describe("symbolic dimensions", () => {
  it("are equal by symbol and factor", () => {
    expect(dimEquals(n, symbol("N"))).toBe(true);
    expect(dimEquals(n, symbol("N", 2))).toBe(false);
    expect(dimEquals(n, symbol("M"))).toBe(false);
    expect(dimEquals(n, 1)).toBe(false);
  });

  it("print as multiples", () => {
    expect(formatShape([symbol("N", 32), 3, n])).toBe("[32N, 3, N]");
  });

  it("multiply by numbers only", () => {
    expect(sizeOf([2, n, 3])).toEqual({ symbol: "N", factor: 6 });
    expect(sizeOf([0, n])).toBe(0);
    expect(sizeOf([])).toBe(1);
    expect(() => sizeOf([n, symbol("M")])).toThrow("[N, M] has two symbolic dimensions");
  });

  it("are refused by name where numbers are needed", () => {
    expect(() => staticShape([n, 3], "pad")).toThrow("pad needs a fixed shape, but got [N, 3]");
  });
});

describe("broadcastShapes", () => {
  it("follows numpy", () => {
    expect(broadcastShapes([2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
    expect(broadcastShapes([], [2])).toEqual([2]);
    expect(broadcastShapes([0], [1])).toEqual([0]);
    expect(broadcastShapes([n, 1], [5])).toEqual([n, 5]);
    expect(broadcastShapes([1, 2], [n, 1], [1])).toEqual([n, 2]);
  });

  it("says which shapes do not fit", () => {
    expect(() => broadcastShapes([2, 3], [2])).toThrow("shapes [2, 3] and [2] do not broadcast");
    expect(() => broadcastShapes([n], [3])).toThrow("shapes [N] and [3] do not broadcast");
    expect(() => broadcastShapes([0], [3])).toThrow(TypeError);
  });
});

describe("axes", () => {
  it("count from the end when negative", () => {
    expect(normalizeAxis(-1, 3)).toBe(2);
    expect(normalizeAxes([-1, 0], 3)).toEqual([0, 2]);
    expect(normalizeAxes(undefined, 2)).toEqual([0, 1]);
  });

  it.each([3, -4, 0.5, Number.NaN])("refuse %d for rank 3", (axis) => {
    expect(() => normalizeAxis(axis, 3)).toThrow(`axis ${axis} is outside a tensor of rank 3`);
  });

  it("refuse repetitions", () => {
    expect(() => normalizeAxes([1, -1], 2)).toThrow("axes [1, 1] repeat");
  });
});
