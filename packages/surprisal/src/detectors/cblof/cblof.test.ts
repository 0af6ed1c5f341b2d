import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { pointSet } from "../../neighbours/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { cblofGraph } from "./graph.js";
import { cblof } from "./index.js";
import { largeClusters } from "./large-clusters.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  fresh: number[];
  centers: number[];
  sizes: number[];
  large: number[];
  scores: number[];
  weighted: number[];
}

const url = new URL("../../../src/detectors/cblof/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };
const limits = { alpha: 0.9, beta: 5 };

describe.each(cases)("as PyOD, given its clusters: $name", (given) => {
  const { columns, train, fresh, sizes, large } = given;
  it("tells the same clusters large", () => {
    expect(largeClusters(sizes, limits).sort((a, b) => a - b)).toEqual(large);
  });

  it.each([false, true])("scores new rows the same, weighted: %s", async (isWeighted) => {
    const set = pointSet(Float64Array.from(train), columns);
    const points = Float32Array.from(
      given.centers,
      (value, i) => (value - set.center[i % columns]!) * set.scale,
    );
    const x = input("x", [symbol("N"), columns], "float64");
    const state = {
      centers: { ...set, points, count: sizes.length },
      sizes: Uint32Array.from(sizes),
      large: largeClusters(sizes, limits),
    };
    const { score } = cblofGraph(x, state, isWeighted);
    const data = Float64Array.from(fresh);
    const shape = [data.length / columns, columns];
    const result = await runGraph({ score }, { x: { dtype: "float64", shape, data } });
    const expected = Float32Array.from(isWeighted ? given.weighted : given.scores);
    expect(result.score!.data).toBeAllClose(expected, { rtol: 1e-5, atol: 0 });
  });
});

describe("largeClusters", () => {
  it("puts the border where both limits hold, else where alpha does, else beta", () => {
    expect(largeClusters([50, 2, 48], limits)).toEqual([0, 2]);
    expect(largeClusters([40, 30, 25, 5], { alpha: 0.6, beta: 5 })).toEqual([0, 1, 2]);
    expect(largeClusters([40, 30, 25, 20], { alpha: 0.8, beta: 5 })).toEqual([0, 1, 2]);
    expect(largeClusters([40, 30, 25, 20], { alpha: 0.5, beta: 5 })).toEqual([0, 1]);
    expect(largeClusters([60, 10, 10, 10, 10], { alpha: 0.95, beta: 5 })).toEqual([0]);
  });

  it("tells all clusters large where no limit holds", () => {
    expect(largeClusters([7], limits)).toEqual([0]);
    expect(largeClusters([5, 6, 5], limits)).toEqual([1, 0, 2]);
  });
});

describe("cblof", () => {
  const crowd = Array.from({ length: 200 }, (_, i) => [Math.sin(i * 1.7), Math.cos(i * 2.3)]);
  const group = Array.from({ length: 6 }, (_, i) => [30 + (i % 3) * 0.1, 30 + (i % 2) * 0.1]);

  it("gives a small group of training rows high scores, which plain distance from a centre does not", async () => {
    const fitted = await cblof({ clusters: 3, calibration: 0, scaling: "none", starts: 5 }).fit([
      ...crowd,
      ...group,
    ]);
    const { scores } = await fitted.score([group[0]!, crowd[0]!]);
    expect(scores[0]).toBeGreaterThan(40);
    expect(scores[1]).toBeLessThan(3);
    expect(fitted.metadata.training.summary.largeClusters).toBe(2);
  });

  it("weighs by the size of the row's own cluster", async () => {
    const options = { clusters: 3, calibration: 0, scaling: "none", starts: 5 } as const;
    const rows = [...crowd, ...group];
    const plain = await (await cblof(options).fit(rows)).score([group[0]!]);
    const weighted = await (await cblof({ ...options, useWeights: true }).fit(rows)).score([group[0]!]);
    expect(weighted.scores[0]! / plain.scores[0]!).toBeCloseTo(6, 4);
  });
});
