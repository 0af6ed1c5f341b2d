import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { pointSet } from "../../neighbours/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { type Inne, spheresAround } from "./fit.js";
import { inneGraph } from "./graph.js";
import { inne } from "./index.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  fresh: number[];
  picks: number[][];
  scores: number[];
}

const url = new URL("../../../src/detectors/inne/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(state: Inne, fresh: ArrayLike<number>, columns: number) {
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = inneGraph(x, state);
  const data = Float64Array.from(fresh);
  const shape = [data.length / columns, columns];
  return (await runGraph({ score }, { x: { dtype: "float64", shape, data } })).score!.data as Float32Array;
}

describe.each(cases)("as PyOD, given its sets: $name", ({ columns, train, fresh, picks, scores }) => {
  it("scores new rows the same", async () => {
    const state = spheresAround(pointSet(Float64Array.from(train), columns), picks);
    expect(await scoresOf(state, fresh, columns)).toBeAllClose(Float32Array.from(scores), {
      rtol: 1e-4,
      atol: 1e-7,
    });
  });
});

describe("inne", () => {
  const line = pointSet(Float64Array.of(0, 1, 4), 1);

  it("is the isolation of the smallest sphere that covers, 1 where none does", async () => {
    // Squared radii 1, 1 and 9; the neighbour of 4 is 1.
    const state = spheresAround(line, [[0, 1, 2]]);
    const found = await scoresOf(state, [0.5, 1.5, 2.5, 6.9, 7.1, -1.1], 1);
    [0, 0, 1 - 1 / 9, 1 - 1 / 9, 1, 1].forEach((score, i) => {
      expect(found[i]).toBeCloseTo(score, 6);
    });
  });

  it("is the mean over the sets", async () => {
    const state = spheresAround(line, [
      [0, 1, 2],
      [1, 2, 0],
      [0, 1, 1],
    ]);
    // In the last set 1 is twice: its spheres have radius 0, and that of 0 is 1.
    expect((await scoresOf(state, [1], 1))[0]).toBeCloseTo(0, 6);
    expect((await scoresOf(state, [6.9], 1))[0]).toBeCloseTo((2 * (1 - 1 / 9) + 1) / 3, 6);
  });

  it("covers exact duplicates of a centre by its sphere of radius 0, far from the origin too", async () => {
    const rows = Float64Array.from({ length: 40 }, (_, i) => 1e6 + Math.floor(i / 4) * 0.37);
    const state = spheresAround(pointSet(rows, 1), [[4, 5, 6, 7]]);
    expect([...(await scoresOf(state, [rows[4]!, rows[4]! + 0.01], 1))]).toEqual([0, 1]);
  });

  it.each([1e30, 1e-30])("has no unit: scale %d", async (scale) => {
    const rows = Array.from({ length: 100 }, (_, i) => [Math.sin(i * 9.7), Math.sin(i * 3.3) * 2]);
    const fresh = [
      [0.1, 0.1],
      [3, 3],
    ];
    const scaled = (all: number[][]) => all.map((row) => row.map((value) => value * scale));
    const options = { scaling: "none", calibration: 0 } as const;
    const plain = await (await inne(options).fit(rows)).score(fresh);
    const other = await (await inne(options).fit(scaled(rows))).score(scaled(fresh));
    // PyOD's epsilon of 2e-16 outweighs squares of 1e-60, for which every ratio is 1.
    if (scale > 1) expect(other.scores).toBeAllClose(plain.scores, { rtol: 1e-4, atol: 1e-6 });
    expect(other.scores[1]).toBeGreaterThan(other.scores[0]!);
  });
});
