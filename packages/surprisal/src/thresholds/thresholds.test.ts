import { randomStream } from "@surprisal/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformalPValues, conformalTable } from "../calibration/index.js";
import { SurprisalError } from "../errors.js";
import { confusion, f1 } from "../metrics/index.js";
import { floorFloat32 } from "../numeric/index.js";
import { fitThreshold, quantile, type ThresholdRule, thresholdRules } from "./index.js";

const scores = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 80 });

describe("quantile", () => {
  it("interpolates linearly as numpy does", () => {
    expect(quantile([3, 1, 2, 10], 0.5)).toBe(2.5);
    expect(quantile([3, 1, 2, 10], 0.9)).toBeCloseTo(7.9, 12);
    expect(quantile([3, 1, 2, 10], 0)).toBe(1);
    expect(quantile([3, 1, 2, 10], 1)).toBe(10);
    expect(quantile([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0], 0.75)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(quantile([4], 0.3)).toBe(4);
  });

  it("takes the entries that sorting would put there, ties included", () => {
    const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const sorted = Float64Array.from(given).sort();
        const place = Math.round(share * (given.length - 1));
        const probability = given.length === 1 ? 0 : place / (given.length - 1);
        const position = probability * (given.length - 1);
        const found = quantile(given, probability);
        expect(found >= sorted[Math.floor(position)]!).toBe(true);
        expect(found <= sorted[Math.ceil(position)]!).toBe(true);
      }),
    );
  });

  it("refuses no values and a probability out of range", () => {
    expect(() => quantile([], 0.5)).toThrow(/no values/);
    expect(() => quantile([1], 1.5)).toThrow(/probability/);
  });
});

describe("contamination", () => {
  it("leaves the asked share above", () => {
    const training = Float32Array.from({ length: 1001 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453);
    for (const fraction of [0.01, 0.1, 0.5]) {
      const fitted = fitThreshold({ rule: "contamination", fraction }, { training });
      expect(fitted.fractionAbove).toBeCloseTo(Math.ceil(fraction * 1000 - 1e-9) / 1001, 12);
      expect(fitted.rows).toBe(1001);
      expect(Math.fround(fitted.threshold)).toBe(fitted.threshold);
    }
  });

  it("never flags more than the share that numpy's quantile would", () => {
    fc.assert(
      fc.property(scores, fc.constantFrom(0.05, 0.1, 0.25, 0.5), (training, fraction) => {
        const limit = quantile(training, 1 - fraction);
        const { threshold } = fitThreshold({ rule: "contamination", fraction }, { training });
        expect(training.filter((s) => s > threshold)).toEqual(training.filter((s) => s > limit));
      }),
    );
  });
});

describe("falsePositiveRate", () => {
  it("flags exactly the rows whose conformal p-value is at most the rate", () => {
    const ties = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 120 });
    fc.assert(
      fc.property(ties, fc.constantFrom(0.05, 0.07, 0.1, 0.29, 0.5, 0.9), (calibration, rate) => {
        const { threshold } = fitThreshold({ rule: "falsePositiveRate", rate }, { calibration });
        const fresh = Array.from({ length: 14 }, (_, i) => i - 2);
        for (const score of fresh) {
          const p = (1 + calibration.filter((c) => c >= score).length) / (calibration.length + 1);
          expect(score > threshold).toBe(p <= rate);
        }
        const table = conformalTable(calibration);
        conformalPValues(fresh, table).forEach((p, i) => {
          expect(fresh[i]! > threshold).toBe(p <= rate);
        });
      }),
    );
  });

  it("holds its rate on fresh rows", () => {
    const stream = randomStream(5, "threshold-test");
    const draws = 400;
    const fresh = 200;
    const rate = 0.05;
    let flagged = 0;
    for (let i = 0; i < draws; i++) {
      const calibration = Array.from({ length: 59 }, () => stream.normal());
      const { threshold } = fitThreshold({ rule: "falsePositiveRate", rate }, { calibration });
      for (let j = 0; j < fresh; j++) if (stream.normal() > threshold) flagged++;
    }
    // Given a calibration set the rate is Beta(3, 57) distributed; the error of the mean over sets.
    const standardError = Math.sqrt((rate * (1 - rate)) / 61 / draws + (rate * (1 - rate)) / (draws * fresh));
    expect(flagged / (draws * fresh)).toBeLessThan(rate + 4 * standardError);
    expect(flagged / (draws * fresh)).toBeGreaterThan(rate - 4 * standardError);
  });

  it("says how many calibration scores a rate needs", () => {
    expect(() => fitThreshold({ rule: "falsePositiveRate", rate: 0.01 }, { calibration: [1, 2, 3] })).toThrow(
      /rate of 0.01 needs at least 99 calibration scores, got 3/,
    );
    const calibration = Array.from({ length: 99 }, (_, i) => i);
    expect(fitThreshold({ rule: "falsePositiveRate", rate: 0.01 }, { calibration }).threshold).toBe(98);
  });
});

describe("bestF1 and value", () => {
  it("bestF1 beats every other threshold on its rows", () => {
    const validation = { scores: [0.1, 0.4, 0.35, 0.8, 0.7], labels: [0, 0, 1, 1, 0] };
    const { threshold } = fitThreshold({ rule: "bestF1" }, { validation });
    const attained = f1(confusion(validation.labels, validation.scores, threshold));
    expect(attained).toBeCloseTo(2 / 3, 12);
    for (const other of [0, 0.1, 0.35, 0.4, 0.7, 0.8]) {
      expect(f1(confusion(validation.labels, validation.scores, other))).toBeLessThanOrEqual(attained);
    }
  });

  it("value is kept as given and needs no scores", () => {
    const rule = { rule: "value", value: 0.1 } as const;
    expect(fitThreshold(rule, {})).toEqual({ threshold: 0.1, rule, rows: 0 });
    expect(Math.fround(0.1) > floorFloat32(0.1)).toBe(true);
  });
});

describe("bad rules", () => {
  const fit = (rule: unknown) => () =>
    fitThreshold(rule as ThresholdRule, { training: [1, 2], calibration: [1, 2] });

  it("names an unknown rule and the known ones", () => {
    expect(fit({ rule: "iqr" })).toThrow(SurprisalError);
    expect(fit({ rule: "iqr" })).toThrow(
      /unknown threshold rule "iqr"; choose contamination, falsePositiveRate/,
    );
    expect(fit({ rule: "toString" })).toThrow(/unknown threshold rule "toString"/);
    expect(fit({})).toThrow(/unknown threshold rule/);
    expect(fit(null)).toThrow(/unknown threshold rule/);
    expect(thresholdRules).toEqual([
      "contamination",
      "falsePositiveRate",
      "extremeValue",
      "interquartile",
      "medianAbsoluteDeviation",
      "medianKnee",
      "bestF1",
      "cost",
      "value",
    ]);
  });

  it("names an option that is unknown, missing or out of range", () => {
    expect(fit({ rule: "contamination", fraction: 0.1, rate: 1 })).toThrow(
      /no option "rate"; it takes fraction/,
    );
    expect(fit({ rule: "bestF1", beta: 2 })).toThrow(/no option "beta"; it takes none/);
    expect(fit({ rule: "contamination" })).toThrow(/"contamination": fraction/);
    for (const fraction of [0, 0.51, -1, Number.NaN]) {
      expect(fit({ rule: "contamination", fraction })).toThrow(/"contamination": fraction/);
    }
    for (const rate of [0, 1, "0.1"]) {
      expect(fit({ rule: "falsePositiveRate", rate })).toThrow(/"falsePositiveRate": rate/);
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(fit({ rule: "value", value })).toThrow(/"value": value/);
    }
  });

  it("names scores that are missing or NaN", () => {
    const rule = { rule: "contamination", fraction: 0.1 } as const;
    expect(() => fitThreshold(rule, {})).toThrow(/needs training scores/);
    expect(() => fitThreshold(rule, { training: [1, Number.NaN] })).toThrow(/training score of row 1 is NaN/);
    expect(() => fitThreshold({ rule: "falsePositiveRate", rate: 0.1 }, { training: [1] })).toThrow(
      /needs calibration scores/,
    );
    for (const labelled of [
      { rule: "bestF1" },
      { rule: "cost", falsePositive: 1, falseNegative: 1 },
    ] as const) {
      expect(() => fitThreshold(labelled, { training: [1] })).toThrow(/needs labelled validation scores/);
    }
  });
});
