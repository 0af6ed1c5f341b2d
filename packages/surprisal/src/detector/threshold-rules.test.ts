import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { ecod } from "../detectors/index.js";
import { fitThreshold, type ThresholdRule } from "../thresholds/index.js";

const stream = randomStream(7, "threshold-rules-test");
const rows = Array.from({ length: 240 }, (_, i) =>
  Array.from({ length: 3 }, () => stream.normal() + (i % 20 === 0 ? 4 : 0)),
);
const labels = rows.map((_, i) => (i % 20 === 0 ? 1 : 0));

const rules: ThresholdRule[] = [
  { rule: "contamination", fraction: 0.1 },
  { rule: "falsePositiveRate", rate: 0.1 },
  { rule: "extremeValue", risk: 0.05, level: 0.6 },
  { rule: "interquartile", factor: 1 },
  { rule: "medianAbsoluteDeviation" },
  { rule: "medianKnee" },
  { rule: "bestF1" },
  { rule: "cost", falsePositive: 1, falseNegative: 5, prevalence: 0.05 },
  { rule: "value", value: 2.5 },
];

describe.each(rules)("threshold rule $rule", (rule) => {
  it.each([0.3, 0])("sets the threshold of a fit with calibration %d", async (calibration) => {
    const fit = ecod({ threshold: rule, calibration }).fit(rows, { labels });
    const needsHeldOut = ["falsePositiveRate", "bestF1", "cost"].includes(rule.rule);
    if (calibration === 0 && needsHeldOut) {
      await expect(fit).rejects.toThrow(new RegExp(`"${rule.rule}" needs .*calibration`));
      return;
    }
    const model = await fit;
    expect(model.metadata.threshold.rule).toMatchObject({ ...rule });
    const { scores, isAnomaly } = await model.score(rows);
    expect(isAnomaly).toEqual(Array.from(scores, (score) => score > model.threshold));
    const normals = Array.from(scores).filter((_, i) => labels[i] === 0);
    if (calibration === 0) {
      expect(model.threshold).toBe(fitThreshold(rule, { training: normals }).threshold);
    }
    await model.close();
  });

  it("replaces the threshold of a fitted detector by reference scores", async () => {
    const model = await ecod({ calibration: 0 }).fit(rows, { labels });
    const { scores } = await model.score(rows);
    const moved = model.withThreshold(rule, { scores, labels });
    const given = { training: scores, calibration: Array.from(scores).filter((_, i) => labels[i] === 0) };
    const expected = fitThreshold(rule, { ...given, validation: { scores, labels } });
    expect(moved.threshold).toBe(expected.threshold);
    expect(moved.metadata.threshold.rule).toEqual({ ...expected.rule });
    expect((await moved.score(rows)).isAnomaly).toEqual(Array.from(scores, (s) => s > expected.threshold));
    await moved.close();
    await model.close();
  });
});
