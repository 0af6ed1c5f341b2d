import { readFileSync } from "node:fs";
import { randomStream } from "@surprisal/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitThreshold, quantile, type ThresholdRule, thresholdSource } from "./index.js";

const url = new URL("../../src/thresholds/fixtures/scipy.json", import.meta.url);
const fixture = JSON.parse(readFileSync(url, "utf8")) as {
  cases: {
    name: string;
    scores: number[];
    interquartile: number;
    medianAbsoluteDeviation: number;
    extremeValue: { level: number; risk: number; threshold: number }[];
  }[];
};

const normalScores = (rows: number, name: string): number[] => {
  const stream = randomStream(11, name);
  return Array.from({ length: rows }, () => stream.normal());
};

describe("as NumPy and SciPy", () => {
  it.each(fixture.cases)("$name", ({ scores, interquartile, medianAbsoluteDeviation, extremeValue }) => {
    const of = (rule: ThresholdRule) => fitThreshold(rule, { calibration: scores }).threshold;
    expect(Math.abs(of({ rule: "interquartile" }) / interquartile - 1)).toBeLessThan(2e-7);
    expect(Math.abs(of({ rule: "medianAbsoluteDeviation" }) / medianAbsoluteDeviation - 1)).toBeLessThan(
      2e-7,
    );
    for (const { level, risk, threshold } of extremeValue) {
      expect(Math.abs(of({ rule: "extremeValue", level, risk }) / threshold - 1)).toBeLessThan(1e-4);
    }
  });
});

describe("rules on reference scores", () => {
  const rules: ThresholdRule[] = [
    { rule: "extremeValue" },
    { rule: "interquartile" },
    { rule: "medianAbsoluteDeviation" },
    { rule: "medianKnee" },
  ];

  it.each(rules)("$rule: calibration scores, and training scores where none are held out", (rule) => {
    const calibration = normalScores(200, "calibration");
    const training = normalScores(200, "training");
    const held = fitThreshold(rule, { training, calibration });
    expect(held).toEqual(fitThreshold(rule, { calibration }));
    expect(fitThreshold(rule, { training, calibration: [] })).toEqual(fitThreshold(rule, { training }));
    expect(fitThreshold(rule, { training })).not.toEqual(held);
    expect(held.rows).toBe(200);
    expect(thresholdSource(rule.rule, 1)).toBe("calibration");
    expect(thresholdSource(rule.rule, 0)).toBe("training");
  });

  it.each(rules)("$rule: refuses what it cannot use, and says which", (rule) => {
    expect(() => fitThreshold(rule, {})).toThrow(`"${rule.rule}" needs training scores`);
    expect(() => fitThreshold(rule, { training: [1, Number.NaN] })).toThrow(/training score of row 1 is NaN/);
    expect(() => fitThreshold(rule, { calibration: [Number.POSITIVE_INFINITY] })).toThrow(
      /calibration score of row 0 is not finite/,
    );
  });

  it.each(rules)("$rule: moves and grows with the scores, and is a float32", (rule) => {
    const training = normalScores(300, "scaled").map((score) => Math.round(score * 1024) / 1024);
    const { threshold, fractionAbove } = fitThreshold(rule, { training });
    expect(Math.fround(threshold)).toBe(threshold);
    for (const [factor, offset] of [
      [2 ** 90, 0],
      [2 ** -90, 0],
      [1, 1024],
    ] as const) {
      const moved = fitThreshold(rule, { training: training.map((score) => score * factor + offset) });
      expect((moved.threshold - offset) / factor).toBeCloseTo(threshold, offset === 0 ? 5 : 3);
      expect(moved.fractionAbove).toBe(fractionAbove);
    }
  });

  it("give a complete rule back", () => {
    const training = normalScores(300, "complete");
    expect(fitThreshold({ rule: "extremeValue", risk: 0.01 }, { training }).rule).toEqual({
      rule: "extremeValue",
      risk: 0.01,
      level: 0.9,
    });
    expect(fitThreshold({ rule: "interquartile" }, { training }).rule).toEqual({
      rule: "interquartile",
      factor: 1.5,
    });
  });
});

describe("interquartile and medianAbsoluteDeviation", () => {
  it("flag the share of Gaussian scores that theory gives", () => {
    const training = normalScores(40_000, "share");
    const share = (rule: ThresholdRule) => fitThreshold(rule, { training }).fractionAbove!;
    expect(Math.abs(share({ rule: "interquartile" }) - 0.00349)).toBeLessThan(0.0012);
    expect(Math.abs(share({ rule: "medianAbsoluteDeviation", factor: 2 }) - 0.02275)).toBeLessThan(0.003);
    expect(share({ rule: "interquartile", factor: 0 })).toBeCloseTo(0.25, 3);
    expect(share({ rule: "medianAbsoluteDeviation", factor: 0 })).toBeCloseTo(0.5, 3);
  });

  it("refuse a spread of 0, unless every score is the same", () => {
    const mostlyEqual = [1, 1, 1, 1, 1, 1, 9];
    for (const rule of ["interquartile", "medianAbsoluteDeviation"] as const) {
      expect(() => fitThreshold({ rule }, { training: mostlyEqual })).toThrow(/equal.*is 0; choose/);
      expect(fitThreshold({ rule }, { training: [4, 4, 4, 4] })).toMatchObject({
        threshold: 4,
        fractionAbove: 0,
      });
      expect(() => fitThreshold({ rule, factor: -1 }, { training: [1, 2] })).toThrow(`"${rule}": factor`);
    }
  });
});

describe("medianKnee", () => {
  const knee = (training: number[]) => fitThreshold({ rule: "medianKnee" }, { training }).threshold;

  it("is where a flat run of scores ends", () => {
    // 60 scores rise slowly, the last 5 steeply.
    const flat = Array.from({ length: 60 }, (_, i) => i / 64);
    expect(knee([...flat, 5, 8, 11, 14, 17])).toBe(59 / 64);
  });

  it("is the maximum where no score lies below the chord", () => {
    expect(knee([1, 2, 3, 4, 5, 6, 7])).toBe(7);
    expect(knee([0, 0, 0, 0, 3, 5, 6])).toBe(6);
    expect(knee([2, 2, 2])).toBe(2);
    expect(knee([5])).toBe(5);
  });

  it("is a score not below the median, and the furthest from the chord of all", () => {
    const scores = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, (given) => {
        const found = knee(given);
        const upper = given.toSorted((a, b) => a - b).slice(given.length >> 1);
        expect(upper).toContain(found);
        const range = upper.at(-1)! - upper[0]! || 1;
        const distance = (rank: number) =>
          rank / Math.max(1, upper.length - 1) - (upper[rank]! - upper[0]!) / range;
        const attained = distance(upper.lastIndexOf(found));
        if (upper[0] !== upper.at(-1)) {
          for (let rank = 0; rank < upper.length; rank++) {
            expect(distance(rank)).toBeLessThanOrEqual(attained + 1e-12);
          }
        }
      }),
    );
  });
});

describe("extremeValue", () => {
  it("holds its risk on fresh scores, also where it is below 1 / rows", () => {
    // Exponential scores: z is exceeded with probability exp(-z).
    const stream = randomStream(5, "extreme-value-test");
    for (const risk of [0.01, 0.0005]) {
      const rates = Array.from({ length: 200 }, () => {
        const calibration = Array.from({ length: 1000 }, () => -Math.log1p(-stream.uniform()));
        return Math.exp(-fitThreshold({ rule: "extremeValue", risk }, { calibration }).threshold);
      });
      // The shape's error of 0.1 makes the rate skew: its median is what the risk promises.
      const median = quantile(rates, 0.5);
      expect(median).toBeGreaterThan(risk * 0.7);
      expect(median).toBeLessThan(risk * 1.4);
    }
  });

  it("falls with the risk, and lies above the level", () => {
    const training = normalScores(500, "risk");
    const of = (risk: number) => fitThreshold({ rule: "extremeValue", risk }, { training }).threshold;
    expect(of(1e-6)).toBeGreaterThan(of(1e-4));
    expect(of(1e-4)).toBeGreaterThan(of(1e-2));
    expect(of(0.0999)).toBeGreaterThan(quantile(training, 0.9));
  });

  it("says when there are too few excesses, or the risk is not in the tail", () => {
    const training = normalScores(50, "few");
    expect(() => fitThreshold({ rule: "extremeValue" }, { training })).toThrow(
      /5 of 50 scores lie above the level 0.9; the tail needs 10/,
    );
    expect(() => fitThreshold({ rule: "extremeValue" }, { training: new Array(500).fill(1) })).toThrow(
      /0 of 500 scores/,
    );
    const many = normalScores(500, "many");
    expect(() => fitThreshold({ rule: "extremeValue", risk: 0.1 }, { training: many })).toThrow(
      /risk is 0.1; it must be less than 0.1,/,
    );
    expect(() => fitThreshold({ rule: "extremeValue", level: 1 }, { training: many })).toThrow(
      /"extremeValue": level/,
    );
  });
});
