import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { auroc } from "../../metrics/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { kernelDensityGraph } from "../kde/graph.js";
import { kde } from "../kde/index.js";
import { fitRobustKde, MOST_ROWS } from "./fit.js";
import { robustKde } from "./index.js";
import { lossValue, lossWeight, packedProduct } from "./weights.js";

const losses = ["huber", "hampel"] as const;

interface Case {
  name: string;
  columns: number;
  bandwidth: number;
  rows: number[];
  fresh: number[];
  weights: Record<(typeof losses)[number], number[]>;
  scores: Record<(typeof losses)[number], number[]>;
}

const url = new URL("../../../src/detectors/robust-kde/fixtures/numpy.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const settings = {
  search: { bandwidths: [1], folds: 5, mostRows: 100 },
  tolerance: 1e-15,
  maxIterations: 20_000,
};

describe.each(cases)("as the definition: $name", ({ columns, bandwidth, rows, fresh, ...expected }) => {
  it.each(losses)("%s: each row has its own weight", async (loss) => {
    const { weights, density } = await fitRobustKde(
      Float64Array.from(rows),
      columns,
      { ...settings, loss, bandwidth },
      randomStream(0, "robust-kde"),
    );
    expected.weights[loss].forEach((weight, i) => {
      expect(Math.abs(weights[i]! - weight)).toBeLessThan(1e-6);
    });
    const x = input("x", [symbol("N"), columns], "float64");
    const { score } = await runGraph(
      { score: kernelDensityGraph(x, density).score },
      { x: { dtype: "float64", shape: [fresh.length / columns, columns], data: Float64Array.from(fresh) } },
    );
    expected.scores[loss].forEach((value, i) => {
      expect(Math.abs((score!.data[i] as number) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
    });
  });
});

describe("the losses", () => {
  const bends = { a: 1, b: 2, c: 4 };

  it("are the published functions of the distance", () => {
    const psi = (loss: "huber" | "hampel", r: number) => r * lossWeight(loss, bends, r);
    expect([0.5, 1, 1.5, 3, 9].map((r) => psi("huber", r))).toEqual([0.5, 1, 1, 1, 1]);
    expect([0.5, 1, 1.5, 3, 4, 9].map((r) => psi("hampel", r))).toEqual([0.5, 1, 1, 0.5, 0, 0]);
    for (const loss of losses) {
      for (const r of [0.3, 1.2, 1.9, 2.5, 3.7, 6]) {
        const slope = (lossValue(loss, bends, r + 1e-6) - lossValue(loss, bends, r - 1e-6)) / 2e-6;
        expect(slope).toBeCloseTo(psi(loss, r), 6);
      }
    }
  });

  it("keep a weight where all rows are at one distance", () => {
    const one = { a: 1, b: 1, c: 1 };
    expect(lossWeight("hampel", one, 1)).toBe(1);
    expect(lossWeight("hampel", one, 1.1)).toBe(0);
    expect(lossValue("hampel", one, 2)).toBe(0.5);
  });
});

describe("robust-kde", () => {
  const stream = randomStream(5, "robust-kde test");

  it("multiplies a packed symmetric matrix", () => {
    const packed = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect([...packedProduct(packed, Float64Array.of(1, 10, 100))]).toEqual([421, 532, 654]);
  });

  it.each(losses)("%s: anomalies among the training rows count less, and stand out more", async (loss) => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      i % 10 === 0
        ? [16 * stream.uniform() - 8, 16 * stream.uniform() - 8]
        : [stream.normal(), stream.normal()],
    );
    const labels = rows.map((_, i) => (i % 10 === 0 ? 1 : 0));
    const options = { ...settings, loss, bandwidth: 0.4, tolerance: 1e-7, maxIterations: 100 };
    const { weights } = await fitRobustKde(
      Float64Array.from(rows.flat()),
      2,
      options,
      randomStream(0, "robust-kde"),
    );
    const ofAnomalies = weights.reduce((sum, weight, i) => sum + labels[i]! * weight, 0);
    expect(ofAnomalies).toBeLessThan(loss === "hampel" ? 0.06 : 0.099);
    const common = { calibration: 0, bandwidth: 0.4, scaling: "none" } as const;
    const plain = await (await kde(common).fit(rows)).score(rows);
    const robust = await (await robustKde({ ...common, loss }).fit(rows)).score(rows);
    expect(auroc(labels, robust.scores)).toBeGreaterThanOrEqual(auroc(labels, plain.scores));
    const gap = (scores: Float32Array) =>
      scores.reduce((sum, score, i) => sum + (labels[i] ? score / 40 : -score / 360), 0);
    expect(gap(robust.scores)).toBeGreaterThan(gap(plain.scores));
  });

  it("gives the same scores whatever the order of the rows", async () => {
    const rows = Array.from({ length: 80 }, () => [stream.normal() ** 3, stream.normal()]);
    const order = stream.permutation(80);
    const options = { calibration: 0 } as const;
    const first = await (await robustKde(options).fit(rows)).score(rows);
    const second = await (await robustKde(options).fit([...order].map((i) => rows[i]!))).score(rows);
    second.scores.forEach((score, i) => {
      expect(score).toBeCloseTo(first.scores[i]!, 4);
    });
  });

  it("refuses a kernel matrix that is too large, naming its size, and can learn from a part", async () => {
    const rows = new Float64Array(20_000);
    stream.fillNormal(rows);
    const fit = (sampleRows?: number) =>
      fitRobustKde(
        rows,
        1,
        { ...settings, tolerance: 1e-7, maxIterations: 100, loss: "huber", bandwidth: 0.3, sampleRows },
        randomStream(0, "robust-kde"),
      );
    await expect(fit()).rejects.toThrow(SurprisalError);
    await expect(fit()).rejects.toThrow(/20000 × 20000 rows takes 1.6 GB.*sampleRows/);
    expect(MOST_ROWS).toBe(16_383);
    const fitted = await fit(500);
    expect(fitted.weights).toHaveLength(500);
    expect(fitted.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it("fits equal rows, and chooses a bandwidth by cross-validation", async () => {
    const same = await robustKde({ calibration: 0, bandwidth: 1 }).fit([[1], [1], [1]]);
    expect((await same.score([[1]])).scores[0]).toBeCloseTo(0.5 * Math.log(2 * Math.PI), 5);
    const rows = Array.from({ length: 60 }, () => [stream.normal()]);
    const fitted = await robustKde({ bandwidth: "crossValidated", bandwidths: [0.01, 0.5, 50] }).fit(rows);
    expect(fitted.metadata.training.summary.bandwidth).toBe(0.5);
  });
});
