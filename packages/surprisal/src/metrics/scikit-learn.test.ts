import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  auroc,
  averagePrecision,
  bestF1Threshold,
  fprAtTpr,
  precisionRecallCurve,
  rocCurve,
  summarize,
} from "./index.js";

type Points = [(number | "Infinity")[], (number | "Infinity")[], (number | "Infinity")[]];

interface Case {
  name: string;
  labels: number[];
  scores: number[];
  auroc: number;
  ap: number;
  fprAt95: number;
  bestF1: number;
  roc: Points;
  rocFull: Points;
  pr: Points;
  prDropped: Points;
  at: Record<
    | "threshold"
    | "truePositives"
    | "falsePositives"
    | "trueNegatives"
    | "falseNegatives"
    | "precision"
    | "recall"
    | "f1",
    number
  >;
}

const url = new URL("../../src/metrics/fixtures/scikit-learn.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

function expectClose(actual: Float64Array, expected: (number | "Infinity")[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    const number = Number(value);
    if (Number.isFinite(number)) {
      expect(Math.abs(actual[i]! - number)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(number)));
    } else expect(actual[i]).toBe(number);
  });
}

describe.each(cases)("as scikit-learn: $name", (expected) => {
  const { labels, scores } = expected;

  it("areas and rates", () => {
    expect(auroc(labels, scores)).toBeCloseTo(expected.auroc, 12);
    expect(averagePrecision(labels, scores)).toBeCloseTo(expected.ap, 12);
    expect(fprAtTpr(labels, scores)).toBeCloseTo(expected.fprAt95, 12);
  });

  it("the ROC curve", () => {
    for (const [dropIntermediate, points] of [
      [true, expected.roc] as const,
      [false, expected.rocFull] as const,
    ]) {
      const curve = rocCurve(labels, scores, { dropIntermediate });
      expectClose(curve.falsePositiveRate, points[0]);
      expectClose(curve.truePositiveRate, points[1]);
      expectClose(curve.thresholds, points[2]);
    }
    expect(rocCurve(labels, scores)).toEqual(rocCurve(labels, scores, { dropIntermediate: true }));
  });

  it("the precision-recall curve", () => {
    for (const [dropIntermediate, points] of [
      [false, expected.pr] as const,
      [true, expected.prDropped] as const,
    ]) {
      const curve = precisionRecallCurve(labels, scores, { dropIntermediate });
      expectClose(curve.precision, points[0]);
      expectClose(curve.recall, points[1]);
      expectClose(curve.thresholds, points[2]);
    }
    expect(precisionRecallCurve(labels, scores)).toEqual(
      precisionRecallCurve(labels, scores, { dropIntermediate: false }),
    );
  });

  it("the summary at a threshold", () => {
    const summary = summarize(labels, scores, expected.at.threshold);
    const flat = { ...summary, ...summary.confusion } as unknown as Record<string, number>;
    for (const [key, value] of Object.entries(expected.at)) expect(flat[key], key).toBeCloseTo(value, 12);
    expect(summary.auroc).toBeCloseTo(expected.auroc, 12);
    expect(summary.rows).toBe(scores.length);
    expect(summary.anomalies).toBe(labels.filter((label) => label === 1).length);
  });

  it("the best F1, which its threshold attains", () => {
    const best = bestF1Threshold(labels, scores);
    expect(best.f1).toBeCloseTo(expected.bestF1, 12);
    expect(summarize(labels, scores, best.threshold).f1).toBeCloseTo(expected.bestF1, 12);
  });
});
