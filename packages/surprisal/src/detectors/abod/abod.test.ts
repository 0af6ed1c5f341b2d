import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { pointSet } from "../../neighbours/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { abodGraph } from "./graph.js";
import { abod } from "./index.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  fresh: number[];
  scores: number[];
}

const url = new URL("../../../src/detectors/abod/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(train: ArrayLike<number>, fresh: ArrayLike<number>, columns: number, k = 5) {
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = abodGraph(x, pointSet(Float64Array.from(train), columns), k);
  const data = Float64Array.from(fresh);
  const shape = [data.length / columns, columns];
  return (await runGraph({ score }, { x: { dtype: "float64", shape, data } })).score!.data as Float32Array;
}

describe.each(cases)("as PyOD: $name", ({ columns, train, fresh, scores }) => {
  it("scores new rows the same", async () => {
    const found = await scoresOf(train, fresh, columns);
    expect(found).toBeAllClose(Float32Array.from(scores), { rtol: 1e-4, atol: 0 });
  });
});

describe("abod", () => {
  const grid = Array.from({ length: 50 }, (_, i) => [i % 10, Math.floor(i / 10)]);

  it("leaves out neighbours equal to the row, as PyOD; where no pair is left the row is most ordinary", async () => {
    // Beside the two duplicates, the neighbours of (1, 1) are at right and straight angles.
    const train = [1, 1, 1, 1, 2, 1, 0, 1, 1, 2, 9, 9];
    const cosines = [-1, 0, 0];
    const mean = -1 / 3;
    const variance = cosines.reduce((total, value) => total + (value - mean) ** 2 / 3, 0);
    const [score] = await scoresOf(train, [1, 1], 2);
    expect(score).toBeCloseTo(-variance, 6);
    const same = Array.from({ length: 20 }, () => [3, 4]).flat();
    const found = await scoresOf(same, [3, 4, 9, 9], 2);
    expect(found[0]).toBeLessThan(-1e38);
    expect(found[1]).toBeGreaterThan(-1e-3);
  });

  it("gives a row beyond all others a higher score than one among them", async () => {
    const fitted = await abod({ calibration: 0 }).fit(grid);
    const { scores } = await fitted.score([
      [4.4, 2.3],
      [40, 30],
    ]);
    expect(scores[1]).toBeGreaterThan(scores[0]!);
    expect(scores[1]).toBeLessThanOrEqual(0);
  });

  it("has the unit length⁻⁴ without scaling, and none with it", async () => {
    const fresh = grid.map((row) => row.map((value) => value * 1.1 + 0.23));
    const scaled = (rows: number[][]) => rows.map((row) => row.map((value) => value * 1024));
    const options = { scaling: "none", calibration: 0 } as const;
    const plain = await (await abod(options).fit(grid)).score(fresh);
    const large = await (await abod(options).fit(scaled(grid))).score(scaled(fresh));
    expect(large.scores.map((score) => score * 2 ** 40)).toBeAllClose(plain.scores, { rtol: 1e-5, atol: 0 });
    const standard = await (await abod({ calibration: 0 }).fit(grid)).score(fresh);
    const again = await (await abod({ calibration: 0 }).fit(scaled(grid))).score(scaled(fresh));
    expect(again.scores).toBeAllClose(standard.scores, { rtol: 1e-4, atol: 0 });
  });

  it("needs three rows", async () => {
    await expect(abod({ calibration: 0 }).fit([[1], [2]])).rejects.toThrow(/at least 3 rows.*got 2/);
  });
});
