import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitIsolationForest } from "../isolation-forest/fit.js";
import { isolationForestGraph } from "../isolation-forest/graph.js";
import { averagePathLength } from "../isolation-forest/path-length.js";
import { type ExtendedIsolationForest, fitExtendedIsolationForest, type HyperplaneTree } from "./fit.js";
import { extendedIsolationForestGraph } from "./graph.js";

const normals = (count: number, columns: number, name = "extended-isolation-forest-test") => {
  const rows = new Float64Array(count * columns);
  randomStream(3, name).fillNormal(rows);
  return rows;
};

/** The leaf that a row reaches, and its depth, by walking. */
function walk(tree: HyperplaneTree, row: ArrayLike<number>) {
  let node = 0;
  let depth = 0;
  while (tree.plane[node] !== -1) {
    const plane = tree.plane[node]!;
    let place = 0;
    for (let j = 0; j < row.length; j++) place += row[j]! * tree.normals[plane * row.length + j]!;
    node = place <= tree.offsets[plane]! ? tree.left[node]! : tree.right[node]!;
    depth++;
  }
  return { node, depth };
}

async function scoresOf(rows: Float64Array, forest: ExtendedIsolationForest): Promise<Float32Array> {
  const x = input("x", [symbol("N"), forest.columns], "float64");
  const { score } = await runGraph(
    { score: extendedIsolationForestGraph(x, forest).score },
    { x: { dtype: "float64", shape: [rows.length / forest.columns, forest.columns], data: rows } },
  );
  return score.data as Float32Array;
}

describe("fitExtendedIsolationForest", () => {
  const rows = normals(300, 3);

  it("counts in every leaf the rows that reach it, at its depth", () => {
    const { trees } = fitExtendedIsolationForest(rows, 3, { trees: 10, sampleSize: 300, seed: 4 });
    for (const tree of trees) {
      const reached = new Map<number, { count: number; depth: number }>();
      for (let row = 0; row < 300; row++) {
        const { node, depth } = walk(tree, rows.subarray(3 * row, 3 * row + 3));
        reached.set(node, { count: (reached.get(node)?.count ?? 0) + 1, depth });
      }
      let total = 0;
      for (const [node, { count, depth }] of reached) {
        total += count;
        expect(depth).toBeLessThanOrEqual(9);
        expect(tree.value[node]).toBeCloseTo(depth + averagePathLength(count), 4);
      }
      expect(total).toBe(300);
    }
  });

  it("mixes as many columns as the level says, each as often", () => {
    for (const extensionLevel of [0, 1, 2]) {
      const { trees } = fitExtendedIsolationForest(rows, 3, { extensionLevel, seed: 1 });
      const uses = [0, 0, 0];
      let planes = 0;
      for (const tree of trees) {
        planes += tree.offsets.length;
        for (let p = 0; p < tree.offsets.length; p++) {
          const used = [0, 1, 2].filter((j) => tree.normals[3 * p + j] !== 0);
          expect(used).toHaveLength(extensionLevel + 1);
          for (const j of used) uses[j]!++;
        }
      }
      const share = (extensionLevel + 1) / 3;
      for (const count of uses) {
        expect(Math.abs(count / planes - share)).toBeLessThan(5 * Math.sqrt(0.25 / planes));
      }
    }
  });

  it("is the same for the same seed and another for another", () => {
    const offsets = (seed: number) => fitExtendedIsolationForest(rows, 3, { seed }).trees[5]!.offsets;
    expect(offsets(1)).toEqual(offsets(1));
    expect(offsets(1)).not.toEqual(offsets(2));
  });

  it("never splits by constant columns alone, and makes a single leaf of equal rows", async () => {
    const mixed = rows.map((x, i) => (i % 3 === 1 ? x : 7));
    for (const tree of fitExtendedIsolationForest(mixed, 3, { extensionLevel: 0 }).trees) {
      for (let p = 0; p < tree.offsets.length; p++) expect(tree.normals[3 * p + 1]).not.toBe(0);
    }
    const equal = fitExtendedIsolationForest(new Float64Array(30).fill(2), 3, { trees: 7 });
    expect(equal.trees.map(({ plane }) => plane.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect([...(await scoresOf(Float64Array.of(2, 2, 2, 5, 5, 5), equal))]).toEqual([0.5, 0.5]);
  });

  it("names an option out of range and data too small", () => {
    expect(() => fitExtendedIsolationForest(rows, 3, { extensionLevel: 3 })).toThrow(/at most 2/);
    expect(() => fitExtendedIsolationForest(rows.slice(0, 3), 3)).toThrow(SurprisalError);
  });
});

describe("extendedIsolationForestGraph", () => {
  it("scores as walking the trees does, far rows too", async () => {
    const rows = normals(200, 4);
    const forest = fitExtendedIsolationForest(rows, 4, { trees: 23, seed: 9 });
    const all = Float64Array.from([...rows, 1e30, -1e30, 0, 5, 1e300, 1e300, 1e300, -1e300]);
    const scores = await scoresOf(all, forest);
    expect(scores).toHaveLength(202);
    scores.forEach((score, row) => {
      let sum = 0;
      for (const tree of forest.trees)
        sum += tree.value[walk(tree, all.subarray(4 * row, 4 * row + 4)).node]!;
      expect(score).toBeCloseTo(2 ** (-sum / 23 / averagePathLength(200)), 5);
    });
    expect(Math.min(scores[200]!, scores[201]!)).toBeGreaterThan(Math.max(...scores.subarray(0, 200)));
  });

  it("has at level 0 the mean scores of isolation forest", async () => {
    const rows = normals(256, 2);
    const probes = Float64Array.of(0, 0, 1, 1, 3, -3, 0, 5);
    const mine = await scoresOf(
      probes,
      fitExtendedIsolationForest(rows, 2, { trees: 4000, extensionLevel: 0, seed: 1 }),
    );
    const plain = fitIsolationForest(Float32Array.from(rows), 2, { trees: 4000, seed: 1 });
    const { score } = await runGraph(
      { score: isolationForestGraph(input("x", [symbol("N"), 2]), plain) },
      { x: { dtype: "float32", shape: [4, 2], data: Float32Array.from(probes) } },
    );
    mine.forEach((value, i) => {
      expect(Math.abs(value - (score.data as Float32Array)[i]!)).toBeLessThan(0.01);
    });
  });

  it("has no ghost regions where the ranges of two clusters cross", async () => {
    const rows = normals(1000, 2).map((x, i) => x + (i < 1000 ? 10 : 0) * (i % 2 ? -1 : 1));
    // Clusters at (10, -10) and, for the second half, at the origin shifted to (-10, 10).
    for (let i = 1000; i < 2000; i++) rows[i]! += i % 2 ? 10 : -10;
    const ghosts = Float64Array.of(10, 10, -10, -10);
    const single = await scoresOf(
      ghosts,
      fitExtendedIsolationForest(rows, 2, { trees: 400, extensionLevel: 0 }),
    );
    const extended = await scoresOf(ghosts, fitExtendedIsolationForest(rows, 2, { trees: 400 }));
    expect(Math.min(...extended)).toBeGreaterThan(Math.max(...single) + 0.03);
  });
});
