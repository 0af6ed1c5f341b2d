import "@surprisal/engine/testing";
import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitIsolationForest, type IsolationForest } from "./fit.js";
import { isolationForestGraph } from "./graph.js";
import { averagePathLength } from "./path-length.js";

interface Case {
  name: string;
  columns: number;
  rows: number[];
  maxFeatures: number;
  sampleSize: number;
  probes: number[];
  /** By seed: of every probe, and the nodes of all trees. */
  scores: number[][];
  nodes: number[];
}

const url = new URL("../../../src/detectors/isolation-forest/fixtures/scikit-learn.json", import.meta.url);
const { cases, seeds } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[]; seeds: number[] };

/** The leaf that a row reaches, by walking one tree. */
function leafOf({ ensemble }: IsolationForest, tree: number, row: ArrayLike<number>): number {
  let node = ensemble.roots[tree]!;
  while (ensemble.feature[node] !== -1) {
    const isLeft = row[ensemble.feature[node]!]! <= ensemble.threshold[node]!;
    node = isLeft ? ensemble.left[node]! : ensemble.right[node]!;
  }
  return node;
}

function scoreByWalking(forest: IsolationForest, row: ArrayLike<number>): number {
  const { roots, value } = forest.ensemble;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) sum += value[leafOf(forest, tree, row)]!;
  return 2 ** (-sum / roots.length / averagePathLength(forest.sampleSize));
}

const rowOf = (data: ArrayLike<number>, columns: number, row: number) =>
  Array.from({ length: columns }, (_, column) => data[row * columns + column]!);

/** Rows on few distinct values, so that ties are common. */
const sample = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.round(Math.sin(i * 12.9898) * 43.7585) / 7);

describe("averagePathLength", () => {
  it("is the harmonic formula, exact at 1 and 2", () => {
    expect([averagePathLength(0), averagePathLength(1), averagePathLength(2)]).toEqual([0, 0, 1]);
    // 2 H(n-1) - 2 (n-1)/n with the harmonic number summed; the paper's logarithm is its limit.
    let harmonic = 0;
    for (let k = 1; k < 256; k++) harmonic += 1 / k;
    expect(averagePathLength(256)).toBeCloseTo(2 * harmonic - (2 * 255) / 256, 2);
  });
});

describe.each(cases)("scikit-learn's forest of the same seed: $name", (expected) => {
  it.each(seeds.map((seed, i) => [seed, i] as const))("seed %d", (seed, i) => {
    const { columns, maxFeatures, sampleSize, probes } = expected;
    const rows = Float32Array.from(expected.rows);
    const forest = fitIsolationForest(rows, columns, { maxFeatures, sampleSize, seed });
    expect(forest.ensemble.feature.length).toBe(expected.nodes[i]);
    const scores = expected.scores[i]!.map((_, probe) =>
      scoreByWalking(forest, rowOf(probes, columns, probe)),
    );
    expect(scores).toBeAllClose(expected.scores[i]!, { rtol: 1e-6 });
  });
});

describe("fitIsolationForest", () => {
  const rows = sample(500, 3);

  it("counts in every leaf the rows that reach it, at its depth", () => {
    // With the sample as large as the data, every row went through every tree.
    const forest = fitIsolationForest(rows, 3, { trees: 10, sampleSize: 500, seed: 4 });
    const { roots, feature, left, right, value } = forest.ensemble;
    for (let tree = 0; tree < roots.length; tree++) {
      const reached = new Map<number, number>();
      for (let row = 0; row < 500; row++) {
        const leaf = leafOf(forest, tree, rowOf(rows, 3, row));
        reached.set(leaf, (reached.get(leaf) ?? 0) + 1);
      }
      const visit = (node: number, depth: number): number => {
        expect(depth).toBeLessThanOrEqual(9);
        if (feature[node] === -1) {
          expect(reached.get(node), "every leaf holds a row").toBeGreaterThan(0);
          expect(value[node]).toBeCloseTo(depth + averagePathLength(reached.get(node)!), 4);
          return reached.get(node)!;
        }
        return visit(left[node]!, depth + 1) + visit(right[node]!, depth + 1);
      };
      expect(visit(roots[tree]!, 0)).toBe(500);
    }
  });

  it("is the same for the same seed and another for another", () => {
    const threshold = (seed: number) => fitIsolationForest(rows, 3, { seed }).ensemble.threshold;
    expect(threshold(1)).toEqual(threshold(1));
    expect(threshold(1)).not.toEqual(threshold(2));
  });

  it("does not depend on the unit of a column", () => {
    // Powers of two scale float32 exactly.
    const scaled = rows.map((x, i) => (i % 3 === 1 ? x * 2 ** -60 : x));
    const forest = fitIsolationForest(rows, 3, { seed: 1 });
    const other = fitIsolationForest(scaled, 3, { seed: 1 });
    expect(other.ensemble.feature).toEqual(forest.ensemble.feature);
    expect(other.ensemble.value).toEqual(forest.ensemble.value);
  });

  it("never splits on a constant column, and makes a single leaf of equal rows", () => {
    const constant = rows.map((x, i) => (i % 3 === 1 ? 7 : x));
    expect(fitIsolationForest(constant, 3).ensemble.feature.includes(1)).toBe(false);
    const { feature, value } = fitIsolationForest(new Float32Array(40).fill(2), 4, { trees: 3 }).ensemble;
    expect([...feature]).toEqual([-1, -1, -1]);
    expect(value[0]).toBeCloseTo(averagePathLength(10), 5);
  });

  it("separates neighbouring float32 values", () => {
    const pair = Float32Array.of(1, 1 + 2 ** -23);
    const forest = fitIsolationForest(pair, 1, { trees: 50 });
    for (let tree = 0; tree < 50; tree++) {
      expect(leafOf(forest, tree, [pair[0]!])).not.toBe(leafOf(forest, tree, [pair[1]!]));
    }
  });

  it("separates doubles whose difference overflows", () => {
    const pair = Float64Array.of(-1.5e308, 1.5e308);
    const forest = fitIsolationForest(pair, 1, { trees: 50 });
    expect(forest.ensemble.threshold.every(Number.isFinite)).toBe(true);
    for (let tree = 0; tree < 50; tree++) {
      expect(leafOf(forest, tree, [pair[0]!])).not.toBe(leafOf(forest, tree, [pair[1]!]));
    }
  });

  it("gives each tree its share of the features", () => {
    const wide = sample(100, 8);
    const forest = fitIsolationForest(wide, 8, { maxFeatures: 0.25, trees: 200 });
    const { roots, feature } = forest.ensemble;
    const seen = new Set<number>();
    for (let tree = 0; tree < roots.length; tree++) {
      const used = new Set(feature.subarray(roots[tree], roots[tree + 1]).filter((index) => index >= 0));
      expect(used.size).toBeLessThanOrEqual(2);
      for (const index of used) seen.add(index);
    }
    expect(seen.size).toBe(8);
  });

  it("names an option out of range and data too small", () => {
    expect(() => fitIsolationForest(rows, 3, { trees: 0 })).toThrow(SurprisalError);
    expect(() => fitIsolationForest(rows, 3, { trees: 1.5 })).toThrow(/trees is 1.5/);
    expect(() => fitIsolationForest(rows, 3, { sampleSize: 1 })).toThrow(/sampleSize is 1/);
    for (const maxFeatures of [0, 1.1, Number.NaN]) {
      expect(() => fitIsolationForest(rows, 3, { maxFeatures })).toThrow(/maxFeatures/);
    }
    expect(() => fitIsolationForest(rows.slice(0, 3), 3)).toThrow(/at least 2 rows with a feature, got 1/);
    expect(() => fitIsolationForest(new Float32Array(0), 0)).toThrow(/got 0/);
  });
});

describe("isolationForestGraph", () => {
  it("scores as walking the trees does, from float32 and float64", async () => {
    const rows = sample(300, 3);
    const forest = fitIsolationForest(rows, 3, { seed: 9 });
    for (const dtype of ["float32", "float64"] as const) {
      const x = input("x", [symbol("N"), 3], dtype);
      const data = dtype === "float32" ? rows : Float64Array.from(rows);
      const { score } = await runGraph(
        { score: isolationForestGraph(x, forest) },
        { x: { dtype, shape: [300, 3], data } },
      );
      expect(score.shape).toEqual([300]);
      for (let row = 0; row < 300; row++) {
        const expected = scoreByWalking(forest, rowOf(rows, 3, row));
        expect(Math.abs((score.data as Float32Array)[row]! - expected)).toBeLessThan(1e-6);
      }
    }
  });

  it.each([1, 9, 10, 11, 25])("averages over all of %i trees", async (trees) => {
    const rows = sample(100, 2);
    const forest = fitIsolationForest(rows, 2, { trees });
    const { score } = await runGraph(
      { score: isolationForestGraph(input("x", [symbol("N"), 2]), forest) },
      { x: { dtype: "float32", shape: [100, 2], data: rows } },
    );
    for (let row = 0; row < 100; row++) {
      const expected = scoreByWalking(forest, rowOf(rows, 2, row));
      expect((score.data as Float32Array)[row]).toBeCloseTo(expected, 5);
    }
  });

  it("ranks far rows above those in the middle", async () => {
    const x = input("x", [symbol("N"), 3]);
    // Densest at the origin.
    const rows = new Float32Array(1800);
    randomStream(2, "isolation-forest-test").fillNormal(rows);
    const data = Float32Array.of(0, 0, 0, 40, -40, 40);
    const { score } = await runGraph(
      { score: isolationForestGraph(x, fitIsolationForest(rows, 3)) },
      { x: { dtype: "float32", shape: [2, 3], data } },
    );
    const [middle, far] = score.data as Float32Array;
    expect(middle).toBeLessThan(0.5);
    expect(far).toBeGreaterThan(0.6);
  });
});
