import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { fitScaling } from "../../preprocess/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitPca, type PrincipalComponents } from "./fit.js";
import { type PcaScore, pcaGraph } from "./graph.js";
import { pca } from "./index.js";

interface Case extends Record<PcaScore, number[]> {
  name: string;
  columns: number;
  components: number | null;
  rows: number[];
  fresh: number[];
}

const url = new URL("../../../src/detectors/pca/fixtures/reference.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

/** Both parts scaled by the first's means and deviations. */
function standardised(rows: readonly number[], fresh: readonly number[], columns: number) {
  const scalings = Array.from({ length: columns }, (_, j) =>
    fitScaling(Float64Array.from(rows.filter((_, i) => i % columns === j)), "standard"),
  );
  return [rows, fresh].map((part) =>
    Float64Array.from(part, (x, i) => (x - scalings[i % columns]!.center) / scalings[i % columns]!.scale),
  ) as [Float64Array, Float64Array];
}

async function run(rows: Float64Array, components: PrincipalComponents, score: PcaScore) {
  const columns = components.mean.length;
  const graph = pcaGraph(input("x", [symbol("N"), columns], "float64"), components, score);
  const { score: scores, contributions } = await runGraph(
    { score: graph.score, contributions: graph.contributions ?? graph.score },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: rows } },
  );
  return { scores: scores.data as Float32Array, contributions: contributions.data as Float32Array };
}

describe.each(cases)(
  "as scikit-learn and PyOD: $name",
  async ({ columns, components, rows, fresh, ...expected }) => {
    const [training, test] = standardised(rows, fresh, columns);
    const fitted = await fitPca(training, columns, components ?? undefined);

    it.each(["weighted", "reconstruction", "eigenvectors"] as const)("%s", async (score) => {
      const { scores, contributions } = await run(test, fitted, score);
      expected[score].forEach((value, row) => {
        expect(Math.abs(scores[row]! - value)).toBeLessThanOrEqual(1e-5 * value + 1e-12);
      });
      if (score === "eigenvectors") return;
      scores.forEach((total, row) => {
        const parts = contributions.subarray(row * columns, (row + 1) * columns);
        expect(Math.abs(parts.reduce((a, b) => a + b, 0) - total)).toBeLessThanOrEqual(1e-5 * total);
      });
    });
  },
);

describe("fitPca", () => {
  it("gives orthonormal vectors of falling variance, with their largest entries positive", async () => {
    const { rows, columns } = cases[2]!;
    const { vectors, variances, total } = await fitPca(standardised(rows, [], columns)[0], columns);
    expect(total).toBeCloseTo(columns, 9);
    expect([...variances]).toEqual([...variances].sort((a, b) => b - a));
    for (let a = 0; a < columns; a++) {
      const column = (k: number) => vectors.filter((_, i) => i % columns === k);
      expect(Math.max(...column(a))).toBe(Math.max(...column(a).map(Math.abs)));
      for (let b = 0; b <= a; b++) {
        const product = column(a).reduce((sum, entry, j) => sum + entry * column(b)[j]!, 0);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 10);
      }
    }
  });

  it("refuses no rows, more components than features, and features without end", async () => {
    await expect(fitPca(new Float64Array(0), 2)).rejects.toThrow(SurprisalError);
    await expect(fitPca(Float64Array.of(1, 2, 3, 4), 2, 3)).rejects.toThrow(/"components" is 3.*2 features/);
    await expect(fitPca(new Float64Array(10_000), 10_000)).rejects.toThrow(
      /10000 × 10000 numbers \(0.8 GB\)/,
    );
    expect(() => pca({ components: 0 })).toThrow(/components/);
    expect(() => pca({ components: 1.5 })).toThrow(/components/);
  });
});

describe("pca", () => {
  it("scores rows enormously that break a relation which all training rows keep", async () => {
    const rows = Float64Array.from({ length: 300 }, (_, i) => {
      const [a, b] = [Math.sin(3 * (i - (i % 3))), Math.cos(7 * (i - (i % 3)))];
      return [a, b, a - b][i % 3]!;
    });
    const fitted = await fitPca(rows, 3);
    const test = Float64Array.of(0.5, 0.2, 0.3, 0.5, 0.2, 0.4);
    for (const [score, broken] of [
      ["weighted", 1e8],
      ["reconstruction", 1e-4],
    ] as const) {
      const kept = score === "reconstruction" ? await fitPca(rows, 3, 2) : fitted;
      const { scores } = await run(test, kept, score);
      expect(scores[0]).toBeLessThan(score === "weighted" ? 5 : 1e-20);
      expect(scores[1]).toBeGreaterThan(broken);
    }
    // PyOD divides by the share of the variance that a component without any has.
    const { scores } = await run(test, fitted, "eigenvectors");
    expect(scores[1]! / scores[0]!).toBeLessThan(2);
  });

  it("holds for constant rows, one row, and rows far away", async () => {
    for (const score of ["weighted", "reconstruction", "eigenvectors"] as const) {
      const fitted = await fitPca(Float64Array.of(1, 2, 1, 2), 2, 1);
      const { scores } = await run(Float64Array.of(1, 2, 1e300, -1e300), fitted, score);
      expect(scores.every(Number.isFinite), score).toBe(true);
      expect((await fitPca(Float64Array.of(5), 1)).total).toBe(0);
    }
  });

  it("reconstructs rows from the components kept", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => {
      const t = Math.sin(i);
      return [t, 2 * t + Math.cos(5 * i) / 100, -t];
    });
    const fitted = await pca({ score: "reconstruction", components: 1 }).fit(rows);
    const { outputs } = await fitted.score([[0.5, 1, 0.5]], { outputs: ["reconstruction"] });
    const [a, b, c] = outputs.reconstruction!.data;
    // In standardised units the three columns are ±1 times one factor.
    expect(a).toBeCloseTo(-c!, 1);
    expect(a).toBeCloseTo(b!, 1);
    await fitted.close();
  });
});
