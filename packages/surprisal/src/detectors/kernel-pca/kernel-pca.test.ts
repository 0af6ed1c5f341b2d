import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitKernelPca, type KernelPca } from "./fit.js";
import { kernelPcaGraph } from "./graph.js";

interface Case {
  name: string;
  columns: number;
  components: number | null;
  gamma: number | null;
  rows: number[];
  scores: number[];
  fresh: number[];
  freshScores: number[];
}

const url = new URL("../../../src/detectors/kernel-pca/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: Float64Array, fitted: KernelPca): Promise<Float32Array> {
  const columns = fitted.mean.length;
  const { score } = await runGraph(
    { score: kernelPcaGraph(input("x", [symbol("N"), columns], "float64"), fitted) },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: rows } },
  );
  return score.data as Float32Array;
}

describe.each(cases)("as PyOD: $name", ({ columns, components, gamma, rows, ...expected }) => {
  it("scores training and new rows the same", async () => {
    const fitted = fitKernelPca(Float64Array.from(rows), columns, {
      ...(components !== null && { components }),
      ...(gamma !== null && { gamma }),
    });
    const scores = await scoresOf(Float64Array.from([...rows, ...expected.fresh]), fitted);
    [...expected.scores, ...expected.freshScores].forEach((score, row) => {
      expect(Math.abs(scores[row]! - score)).toBeLessThanOrEqual(1e-5 * Math.abs(score) + 1e-8);
    });
  });
});

describe("kernel-pca", () => {
  const stream = randomStream(3, "kernel-pca-test");
  const ring = Float64Array.from({ length: 600 }, (_, i) => {
    const angle = 2 * Math.PI * ((i >> 1) / 300);
    return (i % 2 ? Math.sin(angle) : Math.cos(angle)) + 0.03 * stream.normal();
  });

  it("keeps all components the same way with and without eigenvectors", async () => {
    const all = fitKernelPca(ring, 2, { gamma: 40, sampleSize: 120, seed: 2 });
    const leading = fitKernelPca(ring, 2, { gamma: 40, sampleSize: 120, seed: 2, components: 120 });
    const [a, b] = await Promise.all([scoresOf(ring, all), scoresOf(ring, leading)]);
    for (let row = 0; row < 300; row++) expect(Math.abs(a![row]! - b![row]!)).toBeLessThan(1e-6);
  });

  it("sees the empty middle of a ring, and keeps the components that explain a share", async () => {
    const fitted = fitKernelPca(ring, 2, { gamma: 1, components: 0.9 });
    const scores = await scoresOf(Float64Array.of(0, 0, 1, 0, 3, 3), fitted);
    expect(scores[0]).toBeGreaterThan(4 * scores[1]!);
    expect(scores[2]).toBeGreaterThan(scores[0]!);
    const fewer = fitKernelPca(ring, 2, { gamma: 1, components: 0.5 });
    expect(fewer.offsets.length).toBeLessThan(fitted.offsets.length);
    expect(fewer.offsets.length).toBeGreaterThan(0);
  });

  it("scores far rows alike and equal rows 0", async () => {
    const far = await scoresOf(Float64Array.of(1e5, 0, 1e300, -1e300), fitKernelPca(ring, 2));
    expect(far[0]).toBe(far[1]);
    const one = fitKernelPca(Float64Array.of(3, 4, 3, 4, 3, 4), 2);
    expect([...(await scoresOf(Float64Array.of(3, 4, 900, 4), one))]).toEqual([0, 2]);
  });

  it("draws its sample from the seed", () => {
    const sample = (seed: number) => fitKernelPca(ring, 2, { sampleSize: 50, seed }).centred;
    expect(sample(1)).toEqual(sample(1));
    expect(sample(1)).not.toEqual(sample(2));
    expect(sample(1)).toHaveLength(100);
  });

  it("refuses no rows, and names the size of a kernel matrix that is too large", () => {
    expect(() => fitKernelPca(new Float64Array(0), 2)).toThrow(SurprisalError);
    expect(() => fitKernelPca(new Float64Array(5000), 1, { sampleSize: 10_000 })).toThrow(
      /5000 × 5000 numbers \(200 MB\).*sampleSize/,
    );
  });
});
