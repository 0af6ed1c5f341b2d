import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { niceTicks, project, scoreAxis, scoreTicks, unproject } from "./score-axis.js";

const heavy = [...Array.from({ length: 99 }, (_, i) => i / 10), 5000];

describe("the score axis", () => {
  test("is linear for scores without far values and bends for those with", () => {
    expect(scoreAxis([0, 1, 2, 3, 4]).kind).toBe("linear");
    expect(scoreAxis(heavy).kind).toBe("asinh");
    expect(scoreAxis(heavy.map((score) => -score)).kind).toBe("asinh");
  });

  test("holds every finite score and the threshold", () => {
    const axis = scoreAxis([1, 2, 3, Number.POSITIVE_INFINITY], 9);
    expect(axis.low).toBeLessThan(1);
    expect(axis.high).toBeGreaterThan(9);
    expect(project(axis, Number.POSITIVE_INFINITY)).toBe(1);
  });

  test("has a width even when all scores are equal or none is finite", () => {
    for (const axis of [scoreAxis([7, 7, 7]), scoreAxis([0]), scoreAxis([Number.POSITIVE_INFINITY], 2)]) {
      expect(axis.high).toBeGreaterThan(axis.low);
    }
  });

  test("unproject undoes project, and projecting keeps the order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (scores, first, second) => {
          const axis = scoreAxis(scores);
          expect(project(axis, unproject(axis, first))).toBeCloseTo(first, 3);
          if (first < second) expect(unproject(axis, first)).toBeLessThanOrEqual(unproject(axis, second));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test("ticks are round, inside, rising and apart", () => {
    for (const scores of [heavy, heavy.map((score) => score - 3000), [0, 0.2, 0.7], [-4e-7, 3e-7]]) {
      const axis = scoreAxis(scores);
      const ticks = scoreTicks(axis, 0.08);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      const positions = ticks.map((tick) => project(axis, tick));
      for (let i = 1; i < positions.length; i++) {
        expect(positions[i]! - positions[i - 1]!).toBeGreaterThanOrEqual(0.0799);
      }
      expect(ticks.every((tick) => tick >= axis.low && tick <= axis.high)).toBe(true);
      expect(ticks.every((tick) => Number(tick.toPrecision(4)) === tick)).toBe(true);
    }
  });

  test("nice ticks are multiples of 1, 2 or 5", () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(-13, 28, 5)).toEqual([-10, 0, 10, 20]);
  });
});
