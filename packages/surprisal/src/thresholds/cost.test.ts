import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CostMatrix, confusion, minimumCostThreshold } from "../metrics/index.js";
import { fitThreshold, thresholdSource } from "./index.js";

function meanCost(labels: number[], scores: number[], threshold: number, costs: CostMatrix): number {
  const counts = confusion(labels, scores, threshold);
  const total =
    counts.truePositives * costs.truePositive +
    counts.falsePositives * costs.falsePositive +
    counts.trueNegatives * costs.trueNegative +
    counts.falseNegatives * costs.falseNegative;
  return total / labels.length;
}

describe("cost", () => {
  it("is no dearer than any other threshold, and its cost is the mean over the rows", () => {
    const rows = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 1 }),
        fc.integer({ min: -4, max: 4 }).map((n) => n / 4),
      ),
      { minLength: 2, maxLength: 40 },
    );
    const cost = fc.integer({ min: -5, max: 20 });
    const costs = fc.record({
      truePositive: cost,
      falsePositive: cost,
      trueNegative: cost,
      falseNegative: cost,
    });
    fc.assert(
      fc.property(rows, costs, (drawn, matrix) => {
        const labels = [0, 1, ...drawn.map(([label]) => label)];
        const scores = [-0.1, 0.1, ...drawn.map(([, score]) => score)];
        const found = minimumCostThreshold(labels, scores, matrix);
        expect(found.cost).toBeCloseTo(meanCost(labels, scores, found.threshold, matrix), 10);
        for (let other = -2; other < 2; other += 0.05) {
          expect(meanCost(labels, scores, other, matrix)).toBeGreaterThanOrEqual(found.cost - 1e-10);
        }
      }),
    );
  });

  const validation = { labels: [0, 0, 0, 1, 0, 1], scores: [1, 2, 3, 4, 5, 6] };
  const flagged = (falsePositive: number, falseNegative: number, prevalence?: number) => {
    const rule = { rule: "cost", falsePositive, falseNegative, prevalence } as const;
    const { threshold } = fitThreshold(rule, { validation });
    expect(Math.fround(threshold)).toBe(threshold);
    return validation.scores.filter((score) => score > threshold).length;
  };

  it("flags more rows the dearer a missed anomaly is", () => {
    expect(flagged(10, 1)).toBe(1);
    expect(flagged(1, 10)).toBe(3);
    expect(flagged(0, 1)).toBe(3);
    expect(flagged(1, 0)).toBe(0);
  });

  it("weighs the classes by the prevalence", () => {
    expect(flagged(1, 10, 0.3)).toBe(3);
    expect(flagged(1, 10, 0.001)).toBe(1);
  });

  it("can flag every row", () => {
    const rule = { rule: "cost", falsePositive: -1, falseNegative: 1 } as const;
    expect(fitThreshold(rule, { validation }).fractionAbove).toBe(1);
  });

  it("refuses a cost that is missing and a prevalence out of range", () => {
    expect(() => fitThreshold({ rule: "cost", falsePositive: 1 } as never, { validation })).toThrow(
      /"cost": falseNegative/,
    );
    expect(() => flagged(1, 1, 1)).toThrow(/"cost": prevalence/);
    expect(thresholdSource("cost", 10)).toBe("validation");
  });
});
