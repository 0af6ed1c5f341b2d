import { randomStream } from "@surprisal/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import { conformalPValues, conformalTable } from "./index.js";

describe("conformal p-values", () => {
  it("are (1 + the calibration scores at or above) / (n + 1)", () => {
    const score = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.float({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 50 }), fc.array(score), (calibration, fresh) => {
        const pValues = conformalPValues(fresh, conformalTable(calibration));
        fresh.forEach((s, i) => {
          const exact = (1 + calibration.filter((c) => c >= s).length) / (calibration.length + 1);
          expect(pValues[i]).toBeLessThanOrEqual(exact);
          expect(pValues[i]).toBeGreaterThan(exact * (1 - 2 ** -23));
        });
      }),
    );
  });

  it("fall as the score rises", () => {
    const table = conformalTable([3, 1, 1, 2]);
    expect([...table.scores]).toEqual([1, 2, 3]);
    expect(table.rows).toBe(4);
    expect(table.pValues).toHaveLength(4);
    for (let i = 1; i < 4; i++) expect(table.pValues[i]).toBeLessThan(table.pValues[i - 1]!);
    const infinite = conformalPValues(
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
      table,
    );
    expect(infinite[0]).toBeCloseTo(0.2, 7);
    expect(infinite[1]).toBe(1);
    expect(infinite[2]).toBeNaN();
  });

  // Scores that tie often (rounded) must stay valid as well.
  it.each([
    ["continuous", (x: number) => x],
    ["with ties", (x: number) => Math.round(2 * x)],
  ])("are valid on fresh normal rows: %s", (_, shape) => {
    const stream = randomStream(11, "conformal-test");
    const sets = 2000;
    const alphas = [0.01, 0.05, 0.1];
    const counts = alphas.map(() => 0);
    for (let set = 0; set < sets; set++) {
      // One fresh row a calibration set: the draws are independent, so the binomial error holds.
      const table = conformalTable(Array.from({ length: 199 }, () => shape(stream.normal())));
      const p = conformalPValues([shape(stream.normal())], table)[0]!;
      alphas.forEach((alpha, i) => {
        if (p <= alpha) counts[i] = counts[i]! + 1;
      });
    }
    alphas.forEach((alpha, i) => {
      const standardError = Math.sqrt((alpha * (1 - alpha)) / sets);
      expect(counts[i]! / sets).toBeLessThanOrEqual(alpha + 3 * standardError);
      // Not merely valid: without ties the level is attained, for 1 / 200 divides each alpha.
      if (shape(0.3) === 0.3) expect(counts[i]! / sets).toBeGreaterThan(alpha - 4 * standardError);
    });
  });

  it("refuse no scores and NaN", () => {
    expect(() => conformalTable([])).toThrow(SurprisalError);
    expect(() => conformalTable([])).toThrow(/no calibration scores/);
    expect(() => conformalTable([1, Number.NaN, 2])).toThrow(/calibration score of row 1 is NaN/);
  });
});
