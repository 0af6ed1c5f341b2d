import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../testing/run-graph.js";
import { fitCof } from "./fit.js";
import { cofGraph } from "./graph.js";
import { cof } from "./index.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  fresh: number[];
  training: number[];
}

const url = new URL("../../../src/detectors/cof/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const table = (values: number[], columns: number) =>
  Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));

const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, j) => value - b[j]!));

/** Rows of `others` by their distance from x. */
const nearest = (x: number[], others: number[][], k: number) =>
  [...others].sort((a, b) => distance(x, a) - distance(x, b)).slice(0, k);

/** The definition, one link at a time. */
function averageChaining(x: number[], others: number[][], k: number): number {
  const path = [x];
  return nearest(x, others, k).reduce((total, row, m) => {
    const link = Math.min(...path.map((place) => distance(place, row)));
    path.push(row);
    return total + (2 * (k - m) * link) / (k * (k + 1));
  }, 0);
}

function definition(x: number[], train: number[][], k: number): number {
  const around = nearest(x, train, k).map((row) =>
    averageChaining(
      row,
      train.filter((other) => other !== row),
      k,
    ),
  );
  return (averageChaining(x, train, k) * k) / around.reduce((a, b) => a + b, 0);
}

describe.each(cases)("$name", ({ columns, train, fresh, training }) => {
  it("gives training rows the factor that PyOD gives them", async () => {
    const { factors } = await fitCof(Float64Array.from(train), columns, 20);
    expect(factors).toBeAllClose(Float32Array.from(training), { rtol: 1e-4, atol: 0 });
  });

  it("scores each new row as its definition, whatever the others are", async () => {
    const x = input("x", [symbol("N"), columns], "float64");
    const { score } = cofGraph(x, await fitCof(Float64Array.from(train), columns, 20));
    const data = Float64Array.from(fresh);
    const shape = [data.length / columns, columns];
    const result = await runGraph({ score }, { x: { dtype: "float64", shape, data } });
    const rows = table(train, columns);
    const expected = Float32Array.from(table(fresh, columns), (row) => definition(row, rows, 20));
    expect(result.score!.data).toBeAllClose(expected, { rtol: 1e-4, atol: 0 });
  });
});

describe("cof", () => {
  it("sees a row beside a line that is no farther from its neighbours than they are from each other", async () => {
    const line = Array.from({ length: 60 }, (_, i) => [i, i]);
    const fitted = await cof({ scaling: "none", calibration: 0, neighbours: 8 }).fit(line);
    const { scores } = await fitted.score([
      [30.5, 30.5],
      [32.5, 27.5],
    ]);
    expect(scores[0]).toBeLessThan(1.05);
    expect(scores[1]).toBeGreaterThan(1.1);
  });

  it("gives duplicates the factor 1 and rows beside them a large finite one", async () => {
    const fitted = await cof({ scaling: "none", calibration: 0 }).fit(
      Array.from({ length: 50 }, () => [1, 2]),
    );
    const { scores } = await fitted.score([
      [1, 2],
      [1, 2.5],
    ]);
    expect(scores[0]).toBeCloseTo(1, 5);
    expect(scores[1]).toBeGreaterThan(1e6);
    expect(scores[1]).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("refuses to compare one row", async () => {
    await expect(fitCof(Float64Array.of(1, 2), 2, 20)).rejects.toThrow(/at least 2 rows.*got 1/);
  });
});
