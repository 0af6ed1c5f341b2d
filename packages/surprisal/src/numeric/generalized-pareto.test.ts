import { readFileSync } from "node:fs";
import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { fitGeneralizedPareto, type GeneralizedPareto } from "./generalized-pareto.js";

const url = new URL("../../src/numeric/fixtures/generalized-pareto.json", import.meta.url);
const fixture = JSON.parse(readFileSync(url, "utf8")) as {
  cases: { excesses: number[]; shape: number; scale: number; logLikelihood: number }[];
};

function logLikelihood({ shape, scale }: GeneralizedPareto, y: readonly number[]): number {
  const log = (value: number) => (1 + 1 / shape) * Math.log1p((shape * value) / scale);
  return y.reduce((sum, value) => sum - Math.log(scale) - log(value), 0) / y.length;
}

describe("fitGeneralizedPareto", () => {
  it.each(fixture.cases.map((entry) => [entry.shape, entry] as const))(
    "fits as SciPy does: shape %d",
    (_, { excesses, shape, scale, logLikelihood: attained }) => {
      const fitted = fitGeneralizedPareto(excesses);
      expect(Math.abs(fitted.shape - shape)).toBeLessThan(1e-5);
      expect(Math.abs(fitted.scale / scale - 1)).toBeLessThan(1e-5);
      expect(logLikelihood(fitted, excesses)).toBeGreaterThanOrEqual(attained - 1e-10);
    },
  );

  it("scales with the excesses, over 76 orders of magnitude", () => {
    const { excesses } = fixture.cases[4]!;
    const one = fitGeneralizedPareto(excesses);
    for (const factor of [1e-38, 1e38]) {
      const scaled = fitGeneralizedPareto(excesses.map((value) => value * factor));
      expect(scaled.shape).toBeCloseTo(one.shape, 6);
      expect(scaled.scale / factor).toBeCloseTo(one.scale, 6);
    }
  });

  it("finds the parameters that drew many excesses", () => {
    const stream = randomStream(3, "generalized-pareto-test");
    for (const shape of [-0.3, 0.4]) {
      const drawn = Array.from(
        { length: 20_000 },
        () => Math.expm1(-shape * Math.log1p(-stream.uniform())) / shape,
      );
      const fitted = fitGeneralizedPareto(drawn);
      // The standard error of ξ is (1 + ξ) / √n.
      expect(Math.abs(fitted.shape - shape)).toBeLessThan((4 * (1 + shape)) / Math.sqrt(drawn.length));
    }
  });

  it("ends at the shape -1, where the likelihood stops having a bound", () => {
    expect(fitGeneralizedPareto(new Array(20).fill(5))).toEqual({ shape: -1, scale: 5 });
    const crowded = fitGeneralizedPareto([0.1, 4.8, 4.9, 4.95, 5, 5, 5, 5]);
    expect(crowded.shape).toBeGreaterThanOrEqual(-1 - 1e-9);
    expect(-crowded.scale / crowded.shape).toBeGreaterThanOrEqual(5);
  });
});
