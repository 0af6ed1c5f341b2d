import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import {
  crossValidatedBandwidth,
  defaultBandwidths,
  heldOutLogLikelihood,
  scottBandwidth,
  silvermanBandwidth,
} from "./bandwidth.js";
import { type KernelDensity, kernelDensityGraph } from "./graph.js";
import { kde } from "./index.js";
import { isCompact, type Kernel, kernels, kernelValue, logNormalizer } from "./kernel.js";

interface Case {
  name: string;
  columns: number;
  bandwidth: number;
  rows: number[];
  fresh: number[];
  grid: number[];
  scott: number;
  silverman: number;
  /** null where the density is 0. */
  kernels: Record<Kernel, Record<"rows" | "fresh" | "likelihoods", (number | null)[]>>;
}

const url = new URL("../../../src/detectors/kde/fixtures/scikit-learn.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: readonly number[], density: KernelDensity): Promise<Float32Array> {
  const { columns } = density;
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = await runGraph(
    { score: kernelDensityGraph(x, density).score },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) } },
  );
  return score!.data as Float32Array;
}

/**
 * What scikit-learn's scores of the cosine kernel are too high by in two columns: its recursion for
 * ∫ cos(πr/2) r^(d-1) dr drops the last term for even d, and gives 2/π for 2/π - 4/π².
 */
const excess = (kernel: Kernel, columns: number) =>
  kernel === "cosine" && columns === 2 ? -Math.log(1 - 2 / Math.PI) : 0;

/** The score where the density is 0. */
const leastFloor = (kernel: Kernel, columns: number, bandwidth: number, count: number) =>
  logNormalizer(kernel, columns, bandwidth) + Math.log(count) + 53 * Math.LN2;

describe.each(cases)("as scikit-learn: $name", ({ columns, bandwidth, rows, fresh, ...expected }) => {
  const data = Float64Array.from(rows);
  const count = rows.length / columns;

  it.each(kernels)("%s", async (kernel) => {
    const density = { kernel, bandwidth, rows: data, columns };
    const floor = leastFloor(kernel, columns, bandwidth, count);
    const tooHigh = excess(kernel, columns);
    for (const part of ["rows", "fresh"] as const) {
      const scores = await scoresOf(part === "rows" ? rows : fresh, density);
      expected.kernels[kernel][part].forEach((score, i) => {
        if (score === null) expect(scores[i]).toBeGreaterThanOrEqual(Math.fround(floor));
        else
          expect(Math.abs(scores[i]! + tooHigh - score)).toBeLessThanOrEqual(
            1e-6 * Math.max(1, Math.abs(score)),
          );
      });
    }
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    const likelihoods = heldOutLogLikelihood(data, columns, order, kernel, expected.grid, 5);
    expected.kernels[kernel].likelihoods.forEach((value, i) => {
      if (value === null) expect(likelihoods[i]).toBe(Number.NEGATIVE_INFINITY);
      else
        expect(Math.abs(likelihoods[i]! - count * tooHigh - value)).toBeLessThanOrEqual(
          1e-8 * Math.max(1, Math.abs(value)),
        );
    });
  });

  it("its bandwidth rules", () => {
    expect(scottBandwidth(count, columns)).toBeCloseTo(expected.scott, 12);
    expect(silvermanBandwidth(count, columns)).toBeCloseTo(expected.silverman, 12);
  });
});

describe("kernels", () => {
  it.each(kernels)("%s integrates to 1", (kernel) => {
    for (const columns of [1, 2, 6, 40]) {
      // ∫ K = surface of the unit sphere ∫ K(r/h) r^(d-1) dr, in the logarithm at the peak.
      const bandwidth = 0.7;
      const end = isCompact(kernel) ? bandwidth : bandwidth * (kernel === "gaussian" ? 30 : 300);
      const steps = 100_000;
      let total = 0;
      const normalizer = logNormalizer(kernel, columns, bandwidth);
      const ball = logNormalizer("tophat", columns, 1);
      for (let i = 0; i < steps; i++) {
        const r = ((i + 0.5) / steps) * end;
        const value = kernelValue(kernel, r / bandwidth);
        total += value * Math.exp(ball + Math.log(columns) + (columns - 1) * Math.log(r) - normalizer);
      }
      expect((total * end) / steps).toBeCloseTo(1, 4);
    }
  });

  it("have finite normalisers for a thousand columns", () => {
    for (const kernel of kernels) expect(Number.isFinite(logNormalizer(kernel, 1000, 0.01))).toBe(true);
  });
});

describe("kde", () => {
  const stream = randomStream(1, "kde test");
  const cloud = (count: number, columns: number) =>
    Array.from({ length: count }, () => Array.from({ length: columns }, () => stream.normal()));

  it.each(kernels.filter(isCompact))(
    "%s: without density, farther rows score higher, all finite",
    async (kernel) => {
      const rows = Float64Array.from(cloud(50, 2).flat());
      const density = { kernel, bandwidth: 0.3, rows, columns: 2 };
      const scores = await scoresOf([0, 0, 6, 6, 7, 7, 1e20, 0, 1e300, -1e300], density);
      expect(scores[0]).toBeLessThan(leastFloor(kernel, 2, 0.3, 50));
      expect(scores[1]).toBeGreaterThan(leastFloor(kernel, 2, 0.3, 50));
      for (let i = 1; i < 5; i++) expect(scores[i]).toBeGreaterThan(scores[i - 1]!);
      expect(scores.every(Number.isFinite)).toBe(true);
    },
  );

  it("keeps near duplicates apart, far from 0 and beside a gross outlier", async () => {
    const rows = Float64Array.of(1e6, 1e6 + 1e-3, 1e6 + 2e-3, 5e6);
    const scores = await scoresOf([1e6, 1e6 + 1e-3, 1e6 + 4e-3], {
      kernel: "gaussian",
      bandwidth: 1e-3,
      rows,
      columns: 1,
    });
    const term = (u: number) => Math.exp(-0.5 * u * u);
    const normal = 1e-3 * Math.sqrt(2 * Math.PI) * 4;
    [
      [0, 1, 2],
      [1, 0, 1],
      [4, 3, 2],
    ].forEach((distances, i) => {
      const exact = -Math.log(distances.reduce((total, u) => total + term(u), 0) / normal);
      expect(scores[i]).toBeCloseTo(exact, 3);
    });
  });

  it("weights rows", async () => {
    const rows = Float64Array.of(0, 1, 1, 1);
    for (const kernel of kernels) {
      const weighted = { kernel, bandwidth: 2, columns: 1, rows: Float64Array.of(0, 1) };
      const scores = await scoresOf([0.2, 1.5], { ...weighted, weights: Float64Array.of(0.25, 0.75) });
      const repeated = await scoresOf([0.2, 1.5], { kernel, bandwidth: 2, columns: 1, rows });
      scores.forEach((score, i) => {
        expect(score).toBeCloseTo(repeated[i]!, 5);
      });
    }
  });

  it("finds a bandwidth near the best for Gaussian rows, also from a part of them", () => {
    const rows = Float64Array.from(cloud(3000, 1).flat());
    // (4/3)^(1/5) n^(-1/5) minimises the mean integrated squared error; likelihood is close to it.
    const best = (4 / 3 / 3000) ** 0.2;
    for (const mostRows of [3000, 400]) {
      const search = { bandwidths: defaultBandwidths, folds: 5, mostRows };
      const found = crossValidatedBandwidth(rows, 1, "gaussian", search, randomStream(2, "folds"));
      expect(found / best).toBeGreaterThan(0.5);
      expect(found / best).toBeLessThan(2);
    }
  });

  it("says which bandwidths leave rows without density, and that folds need rows", () => {
    const rows = Float64Array.of(0, 1, 2, 50);
    const stream = randomStream(0, "folds");
    const search = { bandwidths: [0.5, 1], folds: 2, mostRows: 2000 };
    expect(() => crossValidatedBandwidth(rows, 1, "tophat", search, stream)).toThrow(SurprisalError);
    expect(() => crossValidatedBandwidth(rows, 1, "tophat", search, stream)).toThrow(
      /no bandwidth up to 1 .*tophat/,
    );
    expect(() => crossValidatedBandwidth(rows, 1, "tophat", { ...search, folds: 5 }, stream)).toThrow(
      /4 rows for 5 folds/,
    );
    expect(() => kde({ bandwidth: 0 })).toThrow(/bandwidth/);
    expect(() => kde({ kernel: "triangle" as never })).toThrow(/kernel/);
  });

  it.each(kernels)("%s fits from options to a file", async (kernel) => {
    const rows = cloud(60, 2);
    const fitted = await kde({ kernel, bandwidth: "crossValidated", bandwidths: [1, 3, 10] }).fit(rows);
    expect([1, 3, 10]).toContain(fitted.metadata.training.summary.bandwidth);
    const { scores } = await fitted.score([
      [0, 0],
      [30, 30],
    ]);
    expect(scores[1]).toBeGreaterThan(scores[0]!);
    await fitted.close();
  });
});
