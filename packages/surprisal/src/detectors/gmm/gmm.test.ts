import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { auroc } from "../../metrics/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { expectationMaximization, hostStep } from "./expectation-maximization.js";
import { bayesianInformation, fitGmm } from "./fit.js";
import { mixtureGraph } from "./graph.js";
import { gmm } from "./index.js";
import { type CovarianceType, covarianceTypes, type Mixture, mixtureOf, parameterCount } from "./mixture.js";
import { isWorthProgram, openProgramStep } from "./program-step.js";

interface Case {
  name: string;
  type: CovarianceType;
  columns: number;
  rows: number[];
  fresh: number[];
  start: { weights: number[]; means: number[][]; covariances: number[][] };
  maxIterations: number;
  iterations: number;
  converged: boolean;
  lowerBound: number;
  weights: number[];
  means: number[];
  covariances: number[];
  scores: number[];
  freshScores: number[];
  bic: number;
}

const url = new URL("../../../src/detectors/gmm/fixtures/scikit-learn.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const common = {
  tolerance: 1e-3,
  maxIterations: 100,
  regularization: 1e-6,
  pause: async () => {},
};
const defaults = {
  ...common,
  components: 1,
  maxComponents: 6,
  covariance: "full",
  initialization: "kMeans",
  starts: 1,
} as const;

async function scoresOf(rows: readonly number[], mixture: Mixture): Promise<Float32Array> {
  const columns = mixture.means[0]!.length;
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = await runGraph(
    { score: mixtureGraph(x, mixture).score },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) } },
  );
  return score!.data as Float32Array;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i]!)),
    );
  }
}

const flat = (vectors: readonly Float64Array[]) => vectors.flatMap((vector) => [...vector]);

describe.each(cases)("as scikit-learn: $name", ({ type, columns, rows, fresh, start, ...expected }) => {
  const data = Float64Array.from(rows);

  it("from the same parameters comes to the same mixture and scores", async () => {
    const first = mixtureOf({
      type,
      weights: Float64Array.from(start.weights),
      means: start.means.map((mean) => Float64Array.from(mean)),
      covariances: start.covariances.map((covariance) => Float64Array.from(covariance)),
    });
    const options = { ...common, maxIterations: expected.maxIterations };
    const step = hostStep(data, columns, type, common.regularization);
    const { mixture, ...run } = await expectationMaximization(first, step, options);
    expect(run.iterations).toBe(expected.iterations);
    expect(run.isConverged).toBe(expected.converged);
    expect(run.lowerBound).toBeCloseTo(expected.lowerBound, 8);
    expectClose(mixture.weights, expected.weights, 1e-8);
    expectClose(flat(mixture.means), expected.means, 1e-8);
    expectClose(flat(mixture.covariances), expected.covariances, 1e-8);
    expectClose(await scoresOf(rows, mixture), expected.scores, 1e-6);
    expectClose(await scoresOf(fresh, mixture), expected.freshScores, 1e-6);
    expect(bayesianInformation(data, mixture)).toBeCloseTo(expected.bic, 6);
    if (mixture.means.length === 1) {
      const direct = await fitGmm(data, columns, defaults, randomStream(0, "gmm"));
      expectClose(flat(direct.mixture.covariances), expected.covariances, 1e-8);
    }
  });
});

describe("the mixture", () => {
  const stream = randomStream(4, "gmm test");
  const clusters = [
    [0, 0],
    [9, 0],
    [0, 9],
  ] as const;
  const cloud = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const [a, b] = clusters[i % 3]!;
      return [a + stream.normal(), b + 0.5 * stream.normal()];
    });
  const rows = cloud(450);
  const data = Float64Array.from(rows.flat());

  it.each(["kMeans", "kMeans++"] as const)(
    "is found from %s, for every covariance",
    async (initialization) => {
      for (const covariance of covarianceTypes) {
        const options = { ...defaults, components: 3, covariance, initialization, starts: 3 };
        const { mixture } = await fitGmm(data, 2, options, randomStream(1, "gmm"));
        expectClose([...mixture.weights], [1 / 3, 1 / 3, 1 / 3], 0.01);
        const means = mixture.means.map(([a, b]) => [Math.round(a! / 3) * 3, Math.round(b! / 3) * 3].join());
        expect(means.sort()).toEqual(["0,0", "0,9", "9,0"]);
      }
    },
  );

  it("has three components by BIC, fewer parameters the fewer it needs", async () => {
    for (const covariance of covarianceTypes) {
      const { mixture } = await fitGmm(
        data,
        2,
        { ...defaults, components: "bic", covariance },
        randomStream(2, "gmm"),
      );
      expect(mixture.means.length).toBeGreaterThanOrEqual(3);
      if (covariance === "full") expect(mixture.means).toHaveLength(3);
    }
    expect(covarianceTypes.map((type) => parameterCount(type, 3, 4))).toEqual([44, 24, 26, 17]);
  });

  it("is the same from steps in a program, over several blocks of rows", async () => {
    const columns = 60;
    const wide = Float64Array.from({ length: 7000 * columns }, (_, at) => {
      const side = Math.floor(at / columns) % 3;
      return 50 + stream.normal() * (1 + side) + (at % columns === side ? 6 : 0);
    });
    const options = { ...common, maxIterations: 4 };
    const first = mixtureOf({
      type: "full",
      weights: Float64Array.of(0.2, 0.3, 0.5),
      means: [0, 1, 2].map((row) => wide.slice(row * columns, (row + 1) * columns)),
      covariances: [4, 5, 6].map((variance) =>
        new Float64Array(columns * columns).map((_, at) => (at % (columns + 1) === 0 ? variance : 0)),
      ),
    });
    expect(isWorthProgram(wide, columns, first)).toBe(true);
    const program = await openProgramStep(wide, columns, 3, common.regularization);
    const found = await expectationMaximization(first, program.step, options);
    await program.close();
    const step = hostStep(wide, columns, "full", common.regularization);
    const expected = await expectationMaximization(first, step, options);
    expect(found.lowerBound).toBeCloseTo(expected.lowerBound, 8);
    expectClose(found.mixture.weights, expected.mixture.weights, 1e-9);
    expectClose(flat(found.mixture.means), flat(expected.mixture.means), 1e-8);
    expectClose(flat(found.mixture.covariances), flat(expected.mixture.covariances), 1e-7);
  });

  it("integrates to 1", async () => {
    const { mixture } = await fitGmm(data, 2, { ...defaults, components: 3 }, randomStream(1, "gmm"));
    const points: number[] = [];
    for (let a = -8; a < 17; a += 0.1) for (let b = -8; b < 17; b += 0.1) points.push(a, b);
    const scores = await scoresOf(points, mixture);
    expect(scores.reduce((total, score) => total + 0.01 * Math.exp(-score), 0)).toBeCloseTo(1, 4);
  });

  it("tells rows between clusters, which one Gaussian cannot", async () => {
    const between = Array.from({ length: 60 }, () => [4.5 + stream.normal(), 4.5 + stream.normal()]);
    const mixed = [...cloud(60), ...between];
    const labels = mixed.map((_, i) => (i < 60 ? 0 : 1));
    const area = async (components: number) => {
      const fitted = await gmm({ components, seed: 3 }).fit(rows);
      return auroc(labels, (await fitted.score(mixed)).scores);
    };
    expect(await area(3)).toBeGreaterThan(0.98);
    expect(await area(1)).toBeLessThan(0.7);
  });

  it.each(covarianceTypes)(
    "%s: is finite far away, and with constant and dependent columns",
    async (covariance) => {
      const dependent = rows.map(([a, b]) => [a! * 1e30, b! * 1e-30, a! * 2e30, 7]);
      const fitted = await gmm({ components: 3, covariance }).fit(dependent);
      const { scores } = await fitted.score([
        ...dependent.slice(0, 9),
        [1e300, -1e300, 0, 1e300],
        [0, 0, 1e33, 7],
      ]);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(Math.max(...scores.subarray(0, 9))).toBeLessThan(Math.min(...scores.subarray(9)));
      await fitted.close();
    },
  );

  it("has fewer components where there are fewer distinct rows, and says what it cannot fit", async () => {
    const twins = Float64Array.from({ length: 40 }, (_, i) => i % 2);
    const stream = randomStream(0, "gmm");
    const { mixture } = await fitGmm(twins, 1, { ...defaults, components: 5 }, stream);
    expect(mixture.means).toHaveLength(2);
    await expect(fitGmm(twins.subarray(0, 3), 1, { ...defaults, components: 5 }, stream)).rejects.toThrow(
      /5 components need as many rows, got 3/,
    );
    const singular = fitGmm(new Float64Array(20), 2, { ...defaults, regularization: 0 }, stream);
    await expect(singular).rejects.toThrow(SurprisalError);
    await expect(singular).rejects.toThrow(/component 0 has no inverse; raise regularization/);
    expect(() => gmm({ components: 0 })).toThrow(/components/);
    expect(() => gmm({ covariance: "diag" as never })).toThrow(/covariance/);
  });
});
