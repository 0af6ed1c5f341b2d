import { randomStream } from "@surprisal/engine/random";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestF1Threshold, confusion, f1, precision, recall } from "../metrics/index.js";
import { bestThreshold, metricsAt } from "./metrics-at.js";
import { operatingPoints } from "./operating-points.js";
import { decodeSection, encodeSection } from "./page-data.js";

const labelled = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  .map((rows) => ({ scores: rows.map(([score]) => score), labels: rows.map(([, label]) => Number(label)) }));

function large(rows: number) {
  const stream = randomStream(1, "report");
  const labels = Uint8Array.from({ length: rows }, () => (stream.uniform() < 0.02 ? 1 : 0));
  return { scores: Float64Array.from(labels, (label) => stream.normal() + 2 * label), labels };
}

describe("metrics at a threshold", () => {
  test("are those of the metrics module, at ties too", () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: -12, max: 12 }), ({ scores, labels }, doubled) => {
        const threshold = doubled / 2;
        const found = metricsAt(operatingPoints(scores, labels), threshold);
        const counts = confusion(labels, scores, threshold);
        expect(found).toMatchObject({
          ...counts,
          precision: precision(counts),
          recall: recall(counts),
          f1: f1(counts),
        });
        expect(found.flagged).toBe(scores.filter((score) => score > threshold).length);
      }),
      { seed: 1 },
    );
  });

  test("count flagged rows without labels", () => {
    const points = operatingPoints([3, 1, 2, 2]);
    expect(points.labelled).toBe(false);
    expect([0, 1, 2, 3].map((threshold) => metricsAt(points, threshold).flagged)).toEqual([4, 3, 1, 0]);
  });

  test("rank infinite scores at the ends", () => {
    const points = operatingPoints([Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY], [1, 0, 0]);
    expect(metricsAt(points, 1e300)).toMatchObject({ truePositives: 1, falsePositives: 0 });
  });

  test("the best threshold has the best F1 there is", () => {
    fc.assert(
      fc.property(labelled, ({ scores, labels }) => {
        fc.pre(labels.includes(0) && labels.includes(1));
        const points = operatingPoints(scores, labels);
        expect(metricsAt(points, bestThreshold(points)).f1).toBeCloseTo(
          bestF1Threshold(labels, scores).f1,
          12,
        );
      }),
      { seed: 1 },
    );
  });
});

describe("left-out operating points", () => {
  const { scores, labels } = large(60_000);
  const named = scores[123]!;
  const points = operatingPoints(scores, labels, [named]);

  test("are many, and every kept point is exact", () => {
    expect(points.distinct).toBe(60_000);
    expect(points.scores.length).toBeLessThan(8000);
    for (let i = 0; i < points.scores.length; i += 500) {
      const next = points.scores[i + 1] ?? Number.NEGATIVE_INFINITY;
      const threshold = Math.max(next, points.scores[i]! - 1e-12);
      const counts = confusion(labels, scores, threshold);
      expect([points.truePositives[i], points.falsePositives[i]]).toEqual([
        counts.truePositives,
        counts.falsePositives,
      ]);
    }
  });

  test("leave the counts at a named threshold exact", () => {
    expect(metricsAt(points, named)).toMatchObject({ ...confusion(labels, scores, named) });
  });

  test("change recall and the number of flagged rows by no more than stated", () => {
    for (let threshold = -3; threshold < 5; threshold += 0.0371) {
      const exact = confusion(labels, scores, threshold);
      const found = metricsAt(points, threshold);
      expect(Math.abs(found.recall - recall(exact))).toBeLessThanOrEqual(0.0005 + 1 / points.positives);
      const flagged = exact.truePositives + exact.falsePositives;
      expect(Math.abs(found.flagged - flagged)).toBeLessThanOrEqual(0.002 * flagged + 1);
    }
  });
});

describe("a section's data in the page", () => {
  const axis = { kind: "linear", center: 0, scale: 1, low: 0, high: 1 } as const;

  test("comes back as it went in, float32 scores in half the bytes", () => {
    const labels = [0, 1, 0];
    for (const scores of [
      Float32Array.from([0.1, 0.2, 0.3]),
      Float64Array.from([0.1, 0.2, Number.POSITIVE_INFINITY]),
    ]) {
      const points = operatingPoints(scores, labels);
      const section = JSON.parse(JSON.stringify(encodeSection("s", axis, 0.15, points)));
      expect(section.scoreBytes).toBe(scores.BYTES_PER_ELEMENT);
      expect(decodeSection(section)).toEqual(points);
      expect(Number(section.threshold)).toBe(0.15);
    }
  });
});
