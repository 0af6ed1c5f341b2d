import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chiSquareCdf, chiSquareQuantile } from "./chi-square.js";
import { logGamma, regularizedGamma } from "./gamma.js";

const url = new URL("../../src/numeric/fixtures/scipy.json", import.meta.url);
const fixture = JSON.parse(readFileSync(url, "utf8")) as {
  logGamma: [number, number][];
  regularizedGamma: [number, number, number][];
  quantile: [number, number, number][];
};

const expectClose = (value: number, expected: number, tolerance: number) =>
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance * Math.max(Math.abs(expected), 1e-300));

describe("as SciPy", () => {
  it("logGamma", () => {
    for (const [x, expected] of fixture.logGamma) {
      expect(Math.abs(logGamma(x) - expected)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(expected)));
    }
  });

  it("regularizedGamma, in both its expansions", () => {
    for (const [a, x, expected] of fixture.regularizedGamma) {
      if (expected > 1e-280) expectClose(regularizedGamma(a, x), expected, 1e-9);
      else expect(regularizedGamma(a, x)).toBeLessThan(1e-270);
    }
    expect(regularizedGamma(3, 0)).toBe(0);
    expect(regularizedGamma(3, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("chiSquareQuantile, the inverse of chiSquareCdf", () => {
    for (const [probability, degrees, expected] of fixture.quantile) {
      const x = chiSquareQuantile(probability, degrees);
      expectClose(x, expected, 1e-9);
      expectClose(chiSquareCdf(x, degrees), probability, 1e-9);
    }
    expect(chiSquareQuantile(0, 4)).toBe(0);
    expect(chiSquareQuantile(1, 4)).toBe(Number.POSITIVE_INFINITY);
  });
});
