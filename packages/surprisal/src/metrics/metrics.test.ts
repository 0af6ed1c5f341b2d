import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import {
  auroc,
  averagePrecision,
  bestF1Threshold,
  confusion,
  f1,
  fprAtTpr,
  precision,
  precisionRecallCurve,
  recall,
  rocCurve,
  summarize,
} from "./index.js";

/** Labelled scores with both classes and many ties. */
const labelled = (score: fc.Arbitrary<number>) =>
  fc
    .array(fc.tuple(fc.boolean(), score), { minLength: 2, maxLength: 60 })
    .filter((rows) => rows.some(([label]) => label) && rows.some(([label]) => !label))
    .map((rows) => ({ labels: rows.map(([label]) => label), scores: rows.map(([, value]) => value) }));

const tied = labelled(fc.integer({ min: -6, max: 6 }));
const any = labelled(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
);

/** The chance that an anomaly outscores a normal row, by counting every pair. */
function pairCount(labels: boolean[], scores: number[]): number {
  let wins = 0;
  let pairs = 0;
  labels.forEach((isAnomaly, i) => {
    if (!isAnomaly) return;
    labels.forEach((other, j) => {
      if (other) return;
      pairs++;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

describe("auroc", () => {
  it("is the share of pairs in the right order", () => {
    fc.assert(
      fc.property(any, ({ labels, scores }) => {
        expect(auroc(labels, scores)).toBeCloseTo(pairCount(labels, scores), 12);
      }),
    );
  });

  it("does not change under a rising map and turns over under a falling one", () => {
    fc.assert(
      fc.property(tied, ({ labels, scores }) => {
        const value = auroc(labels, scores);
        expect(
          auroc(
            labels,
            scores.map((s) => Math.exp(s / 2) - 7),
          ),
        ).toBe(value);
        expect(
          auroc(
            labels,
            scores.map((s) => -s),
          ),
        ).toBeCloseTo(1 - value, 12);
        expect(
          auroc(
            labels.map((label) => !label),
            scores,
          ),
        ).toBeCloseTo(1 - value, 12);
      }),
    );
  });

  it("is the area under the curve, with or without the points between", () => {
    fc.assert(
      fc.property(any, ({ labels, scores }) => {
        for (const dropIntermediate of [true, false]) {
          const { falsePositiveRate: x, truePositiveRate: y } = rocCurve(labels, scores, {
            dropIntermediate,
          });
          let area = 0;
          for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
          expect(area).toBeCloseTo(auroc(labels, scores), 12);
        }
      }),
    );
  });

  it("takes a million rows in well under a few seconds", () => {
    const rows = 1_000_000;
    const scores = Float32Array.from({ length: rows }, (_, i) => (i * 7919) % 100_003);
    const labels = Uint8Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? 1 : 0));
    const start = performance.now();
    expect(auroc(labels, scores)).toBeGreaterThan(0.45);
    expect(rocCurve(labels, scores).thresholds.length).toBeGreaterThan(2);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("averagePrecision", () => {
  it("lies between the value of the worst order and 1, which it reaches when anomalies come first", () => {
    fc.assert(
      fc.property(any, ({ labels, scores }) => {
        const positives = labels.filter(Boolean).length;
        let worst = 0;
        for (let k = 1; k <= positives; k++) worst += k / (labels.length - positives + k) / positives;
        const value = averagePrecision(labels, scores);
        expect(value).toBeGreaterThanOrEqual(worst - 1e-12);
        expect(value).toBeLessThanOrEqual(1);
        expect(averagePrecision(labels, labels.map(Number))).toBe(1);
      }),
    );
  });

  it("is the share of anomalies when all rows tie", () => {
    expect(averagePrecision([1, 0, 0, 0], [2, 2, 2, 2])).toBe(0.25);
  });
});

describe("curves", () => {
  it("hold what flagging at each threshold gives", () => {
    fc.assert(
      fc.property(any, ({ labels, scores }) => {
        const roc = rocCurve(labels, scores);
        const pr = precisionRecallCurve(labels, scores);
        const count = (threshold: number, label: boolean) =>
          scores.filter((score, i) => labels[i] === label && score >= threshold).length;
        const positives = labels.filter(Boolean).length;
        const negatives = labels.length - positives;
        expect([roc.falsePositiveRate[0], roc.truePositiveRate[0]]).toEqual([0, 0]);
        for (let i = 1; i < roc.thresholds.length; i++) {
          expect(roc.truePositiveRate[i]).toBe(count(roc.thresholds[i]!, true) / positives);
          expect(roc.falsePositiveRate[i]).toBe(count(roc.thresholds[i]!, false) / negatives);
        }
        expect(pr.precision.length).toBe(pr.thresholds.length + 1);
        pr.thresholds.forEach((threshold, i) => {
          const caught = count(threshold, true);
          expect(pr.recall[i]).toBe(caught / positives);
          expect(pr.precision[i]).toBe(caught / (caught + count(threshold, false)));
        });
      }),
    );
  });
});

describe("fprAtTpr", () => {
  it("is the smallest false positive rate of a threshold that catches enough", () => {
    fc.assert(
      fc.property(any, fc.constantFrom(0.5, 0.8, 0.95, 1), ({ labels, scores }, level) => {
        const { truePositiveRate, falsePositiveRate } = rocCurve(labels, scores, { dropIntermediate: false });
        const enough = [...falsePositiveRate].filter((_, i) => truePositiveRate[i]! >= level);
        expect(fprAtTpr(labels, scores, level)).toBe(Math.min(...enough));
      }),
    );
  });

  it("refuses a rate outside (0, 1]", () => {
    for (const rate of [0, -1, 1.01, Number.NaN]) {
      expect(() => fprAtTpr([0, 1], [0, 1], rate)).toThrow(/truePositiveRate/);
    }
  });
});

describe("confusion", () => {
  it("flags only what is strictly above the threshold", () => {
    const counts = confusion([1, 1, 0, 0], [2, 1, 1, 0], 1);
    expect(counts).toEqual({ truePositives: 1, falsePositives: 0, trueNegatives: 2, falseNegatives: 1 });
    expect([precision(counts), recall(counts), f1(counts)]).toEqual([1, 0.5, 2 / 3]);
  });

  it("gives 0 where there is nothing to divide by", () => {
    const nothingFlagged = confusion([0, 0], [1, 2], 3);
    expect([precision(nothingFlagged), recall(nothingFlagged), f1(nothingFlagged)]).toEqual([0, 0, 0]);
  });

  it("refuses a threshold that is NaN", () => {
    expect(() => confusion([0, 1], [0, 1], Number.NaN)).toThrow(/threshold is NaN/);
  });
});

describe("bestF1Threshold", () => {
  it("reports the F1 that its threshold gives, which no other threshold beats, in float32 too", () => {
    fc.assert(
      fc.property(any, ({ labels, scores }) => {
        const best = bestF1Threshold(labels, scores);
        expect(f1(confusion(labels, scores, best.threshold))).toBeCloseTo(best.f1, 12);
        expect(f1(confusion(labels, scores, Math.fround(best.threshold)))).toBeCloseTo(best.f1, 12);
        for (const score of [...scores, Number.NEGATIVE_INFINITY]) {
          expect(f1(confusion(labels, scores, score))).toBeLessThanOrEqual(best.f1 + 1e-12);
        }
      }),
    );
  });

  it("separates neighbouring float32 scores", () => {
    const upper = Math.fround(0.1);
    const lower = new Float32Array(
      new Int32Array([new Int32Array(new Float32Array([upper]).buffer)[0]! - 1]).buffer,
    )[0]!;
    expect(bestF1Threshold([1, 0], [upper, lower])).toEqual({ threshold: lower, f1: 1 });
  });
});

describe("bad input", () => {
  const metrics = { auroc, averagePrecision, rocCurve, precisionRecallCurve, bestF1Threshold, fprAtTpr };

  it.each(Object.entries(metrics))("%s names the fault", (name, metric) => {
    expect(() => metric([0, 1], [1, 2, 3])).toThrow(SurprisalError);
    expect(() => metric([0, 1], [1, 2, 3])).toThrow(new RegExp(`${name}: 2 labels and 3 scores`));
    expect(() => metric([0, 1, 0], [1, 2, Number.NaN])).toThrow(/score of row 2 is NaN/);
    expect(() => metric([0, 2, 0], [1, 2, 3])).toThrow(/label of row 1 is 2/);
    expect(() => metric([0, 0, 0], [1, 2, 3])).toThrow(/of 3 labels 0 are anomalies and 3 normal/);
    expect(() => metric([1, 1], [1, 2])).toThrow(/2 are anomalies and 0 normal/);
    expect(() => metric([], [])).toThrow(/both classes are needed/);
  });

  it("confusion and summarize name it too", () => {
    expect(() => confusion([0], [1, 2], 0)).toThrow(/confusion: 1 labels and 2 scores/);
    expect(() => summarize([0, 0], [1, 2], 0)).toThrow(/both classes/);
  });

  it("takes booleans and typed arrays as labels", () => {
    expect(auroc([true, false], new Float32Array([2, 1]))).toBe(1);
    expect(auroc(Uint8Array.of(1, 0), [1, 2])).toBe(0);
  });
});
