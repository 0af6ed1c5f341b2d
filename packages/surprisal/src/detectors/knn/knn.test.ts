import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { pointSet } from "../../neighbours/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { type KnnMethod, knnGraph } from "./graph.js";
import { knn } from "./index.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  fresh: number[];
  scores: Record<string, number[]>;
}

const url = new URL("../../../src/detectors/knn/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const table = (values: number[], columns: number) =>
  Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));

describe.each(cases)("as PyOD: $name", ({ columns, train, fresh, scores }) => {
  it.each(Object.keys(scores))("%s", async (key) => {
    const [method, k] = key.split(" ") as [KnnMethod, string];
    const x = input("x", [symbol("N"), columns], "float64");
    const { score } = knnGraph(x, pointSet(Float64Array.from(train), columns), Number(k), method);
    const result = await runGraph(
      { score },
      {
        x: { dtype: "float64", shape: [fresh.length / columns, columns], data: Float64Array.from(fresh) },
      },
    );
    expect(result.score!.data).toBeAllClose(Float32Array.from(scores[key]!), { rtol: 1e-5, atol: 0 });
  });
});

describe("knn", () => {
  it("agrees with PyOD through the whole detector, without scaling", async () => {
    const { columns, train, fresh, scores } = cases[0]!;
    const fitted = await knn({ scaling: "none", calibration: 0 }).fit(table(train, columns));
    const result = await fitted.score(table(fresh, columns));
    expect(result.scores).toBeAllClose(Float32Array.from(scores["largest 5"]!), { rtol: 1e-5, atol: 0 });
    await fitted.close();
  });

  it("takes all rows where there are fewer than neighbours", async () => {
    const fitted = await knn({ scaling: "none", calibration: 0, neighbours: 50 }).fit([
      [0, 0],
      [3, 4],
    ]);
    expect([...(await fitted.score([[0, 0]])).scores]).toEqual([5]);
    expect(fitted.metadata.training.summary.neighbours).toBe(2);
  });

  it("counts exact duplicates as neighbours", async () => {
    const fitted = await knn({ scaling: "none", calibration: 0, neighbours: 2 }).fit([[1], [1], [2], [9]]);
    expect([...(await fitted.score([[1], [2], [9]])).scores]).toEqual([0, 1, 7]);
  });

  it.each([1e30, 1e-30, 1])("keeps its digits at scale %d and a large offset", async (scale) => {
    const rows = Array.from({ length: 40 }, (_, i) => [i * scale, (i % 5) * scale + 1e6 * scale]);
    const fitted = await knn({ scaling: "none", calibration: 0, neighbours: 1 }).fit(rows);
    const { scores } = await fitted.score([
      [4.5 * scale, 1e6 * scale],
      [60 * scale, 1e6 * scale],
    ]);
    expect(scores[0]! / scale).toBeCloseTo(0.5, 5);
    expect(scores[1]! / scale).toBeCloseTo(Math.hypot(21, 4), 4);
  });

  it("keeps the digits of ordinary rows beside one of 1e30", async () => {
    const rows = [...Array.from({ length: 40 }, (_, i) => [i, i % 3]), [1e30, 0]];
    const fitted = await knn({ scaling: "none", calibration: 0, neighbours: 1 }).fit(rows);
    const { scores } = await fitted.score([
      [4, 1.25],
      [1e31, 0],
    ]);
    expect(scores[0]).toBeCloseTo(0.25, 6);
    expect(scores[1]).toBeGreaterThan(1e15);
  });

  it("scores mixed columns with missing values", async () => {
    const size = {
      name: "size",
      kind: "numeric",
      values: Float64Array.of(1, Number.NaN, 3, 4, 5, 40),
    } as const;
    const colour = { name: "colour", kind: "categorical", values: ["r", "r", "g", "g", null, "r"] } as const;
    const rows = { rowCount: 6, columns: [size, colour] };
    const fitted = await knn({ calibration: 0, neighbours: 2 }).fit(rows);
    const { scores } = await fitted.score(rows);
    expect(scores.indexOf(Math.max(...scores))).toBe(5);
  });
});
