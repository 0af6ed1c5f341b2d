import { randomStream } from "@surprisal/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import { conformalPValues, conformalTable, countPValues, select, selectionLimit } from "./index.js";

/** The step-up procedure as its authors put it: sort, and find the last p below its line. */
function byHand(pValues: readonly number[], fdr: number): boolean[] {
  const sorted = [...pValues].sort((a, b) => a - b);
  let last = -1;
  sorted.forEach((p, i) => {
    if (p <= (fdr * (i + 1)) / sorted.length) last = i;
  });
  return pValues.map((p) => last >= 0 && p <= sorted[last]!);
}

describe("select", () => {
  it("is the step-up procedure", () => {
    const p = fc.oneof(
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 20 }).map((k) => k / 20),
    );
    fc.assert(
      fc.property(fc.array(p, { maxLength: 60 }), fc.constantFrom(0.05, 0.2, 0.5), (pValues, fdr) => {
        expect(select(pValues, { fdr })).toEqual(byHand(pValues, fdr));
      }),
    );
  });

  it("selects as in the paper's example of fifteen p-values", () => {
    // Benjamini & Hochberg 1995, section 3.2: four are rejected at 0.05.
    const pValues = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    expect(select(pValues, { fdr: 0.05 })).toEqual(pValues.map((_, i) => i < 4));
  });

  it("is the same from counts that were added up piece by piece", () => {
    const pValues = [0.01, 0.02, 0.02, 0.5, 0.9, 0.03];
    const counts = countPValues(pValues.slice(0, 2));
    countPValues(pValues.slice(2), counts);
    const limit = selectionLimit(counts, { fdr: 0.1 });
    expect(limit).toBe(0.03);
    expect(select(pValues, { fdr: 0.1 })).toEqual(pValues.map((p) => p <= limit));
    expect(selectionLimit(new Map(), { fdr: 0.1 })).toBe(0);
    expect(select([], { fdr: 0.1 })).toEqual([]);
  });

  // 10 % of the rows are anomalies, three deviations out; each draw has its own calibration rows.
  it.each([
    ["scores", (x: number) => x],
    ["tied scores", (x: number) => Math.round(2 * x) / 2],
  ])("keeps the false discovery rate over new calibration rows and new rows: %s", (_, shape) => {
    const stream = randomStream(21, "select-test");
    const draws = 600;
    for (const fdr of [0.1, 0.3]) {
      const proportions: number[] = [];
      const powers: number[] = [];
      for (let draw = 0; draw < draws; draw++) {
        const table = conformalTable(Array.from({ length: 300 }, () => shape(stream.normal())));
        const fresh = Array.from({ length: 200 }, (_, i) => shape(stream.normal() + (i < 20 ? 3 : 0)));
        const selected = select(conformalPValues(fresh, table), { fdr });
        const found = selected.filter((chosen, i) => chosen && i < 20).length;
        const wrong = selected.filter((chosen, i) => chosen && i >= 20).length;
        proportions.push(wrong / Math.max(1, found + wrong));
        powers.push(found / 20);
      }
      const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / draws;
      const rate = mean(proportions);
      const error = Math.sqrt(mean(proportions.map((x) => (x - rate) ** 2)) / draws);
      expect(rate).toBeLessThanOrEqual(fdr + 3 * error);
      expect(mean(powers)).toBeGreaterThan(0.3);
    }
  });

  it("refuses a rate or a p-value out of range, naming the row", () => {
    expect(() => select([0.5], { fdr: 0 })).toThrow(SurprisalError);
    expect(() => select([0.5], { fdr: 1 })).toThrow(/fdr is 1/);
    expect(() => select([0.5, Number.NaN], { fdr: 0.1 })).toThrow(/p-value of row 1 is NaN/);
    expect(() => select([0, 0.5], { fdr: 0.1 })).toThrow(/row 0 is 0/);
  });
});
