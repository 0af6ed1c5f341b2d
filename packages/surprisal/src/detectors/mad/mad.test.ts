import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitMad } from "./fit.js";
import { madGraph } from "./graph.js";

interface Case {
  name: string;
  rows: number[];
  scores: number[];
  fresh: number[];
  freshScores: number[];
}

const url = new URL("../../../src/detectors/mad/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: number[], fresh: number[], columns = 1, aggregate: "max" | "sum" = "max") {
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = await runGraph(madGraph(x, fitMad(Float64Array.from(rows), columns), aggregate), {
    x: { dtype: "float64", shape: [fresh.length / columns, columns], data: Float64Array.from(fresh) },
  });
  return score!.data as Float32Array;
}

describe.each(cases)("as PyOD: $name", ({ rows, scores: expected, fresh, freshScores }) => {
  it("scores training and new rows the same", async () => {
    const scores = await scoresOf(rows, [...rows, ...fresh]);
    [...expected, ...freshScores].forEach((score, row) => {
      expect(Math.abs(scores[row]! - score)).toBeLessThanOrEqual(1e-6 * score);
    });
  });
});

describe("mad", () => {
  const rows = cases[0]!.rows.flatMap((x, i) => [x, 1000 * cases[1]!.rows[i % 40]!]);

  it("takes the largest deviation of the columns, or their sum", async () => {
    const alone = await Promise.all(
      [0, 1].map((column) => {
        const values = rows.filter((_, i) => i % 2 === column);
        return scoresOf(values, values);
      }),
    );
    const largest = await scoresOf(rows, rows, 2);
    const summed = await scoresOf(rows, rows, 2, "sum");
    largest.forEach((score, row) => {
      const [a, b] = [alone[0]![row]!, alone[1]![row]!];
      expect(score).toBe(Math.max(a, b));
      expect(summed[row]).toBeCloseTo(a + b, 4);
    });
  });

  it("measures by the mean deviation where most values are equal", async () => {
    const scores = await scoresOf([0, 0, 0, 0, 0, 0, 0, 0, 1, 9], [0, 1, 9]);
    // The mean absolute deviation is 1.
    expect([...scores]).toEqual([0, 1, 9].map((x) => Math.fround(x * Math.sqrt(2 / Math.PI))));
  });

  it("gives a value that leaves a constant column a large, finite score", async () => {
    const scores = await scoresOf([7, 7, 7], [7, 7.7, 1e300, -1e300]);
    expect(scores[0]).toBe(0);
    expect(scores[1]).toBeCloseTo(1e9, -3);
    expect(scores[2]).toBeGreaterThan(1e38);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect((await scoresOf([0, 0], [2]))[0]).toBeCloseTo(2e10, -4);
  });

  it("refuses no rows, and a graph of another width", () => {
    expect(() => fitMad(new Float64Array(0), 2)).toThrow(SurprisalError);
    const x = input("x", [symbol("N"), 2], "float64");
    expect(() => madGraph(x, fitMad(Float64Array.of(1, 2), 1), "max")).toThrow(/float64 \[N, 1\]/);
  });
});
