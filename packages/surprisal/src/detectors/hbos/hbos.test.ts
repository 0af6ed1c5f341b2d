import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import type { StepFunctions } from "../../empirical/index.js";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { fitHbos } from "./fit.js";
import { hbosGraph } from "./graph.js";
import { hbos } from "./index.js";

interface Case {
  name: string;
  columns: number;
  options: { bins: number | "auto"; alpha: number; tolerance: number };
  rows: number[];
  scores: number[];
  fresh: number[];
  freshScores: number[];
}

const url = new URL("../../../src/detectors/hbos/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };
const isOnEdges = ({ name }: Case) => name === "on the edges";

async function scoresOf(rows: readonly number[], densities: StepFunctions) {
  const columns = densities.knotCounts.length;
  const { score, contributions } = await runGraph(
    hbosGraph(input("x", [symbol("N"), columns], "float64"), densities),
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) } },
  );
  return { scores: score!.data as Float32Array, contributions: contributions!.data as Float32Array };
}

describe.each(cases.filter((one) => !isOnEdges(one)))("as PyOD: $name", (one) => {
  it("scores training rows, and rows beyond them, the same", async () => {
    const densities = fitHbos(Float64Array.from(one.rows), one.columns, one.options);
    const { scores } = await scoresOf([...one.rows, ...one.fresh], densities);
    const expected = [...one.scores, ...one.freshScores];
    expect(scores).toHaveLength(expected.length);
    expected.forEach((score, row) => {
      expect(Math.abs(scores[row]! - score)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(score)));
    });
  });
});

describe("hbos", () => {
  it("scores values on an edge by the bin that counted them, where PyOD takes the one below", async () => {
    const { rows, columns, options, scores: theirs } = cases.find(isOnEdges)!;
    const { scores } = await scoresOf(rows, fitHbos(Float64Array.from(rows), columns, options));
    const { alpha, bins } = options as { alpha: number; bins: number };
    const expected = new Float64Array(scores.length);
    for (let column = 0; column < columns; column++) {
      const values = rows.filter((_, i) => i % columns === column);
      const low = Math.min(...values);
      const width = (Math.max(...values) - low) / bins;
      const binOf = (value: number) => Math.min(bins - 1, Math.floor((value - low) / width + 1e-9));
      values.forEach((value, row) => {
        const alike = values.filter((other) => binOf(other) === binOf(value)).length;
        expected[row]! -= Math.log2(alike / values.length / width + alpha);
      });
    }
    expected.forEach((score, row) => {
      expect(scores[row]).toBeCloseTo(score, 4);
    });
    expect(theirs.some((score, row) => Math.abs(score - expected[row]!) > 0.5)).toBe(true);
  });

  it("adds up what its columns contribute", async () => {
    const { rows, columns } = cases[0]!;
    const { scores, contributions } = await scoresOf(rows, fitHbos(Float64Array.from(rows), columns));
    scores.forEach((score, row) => {
      const parts = contributions.subarray(row * columns, (row + 1) * columns);
      expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(score, 4);
    });
  });

  it("holds at 1e30 and 1e-30, and in a constant column of 1e30", async () => {
    const { rows } = cases[0]!;
    const column = rows.filter((_, i) => i % 3 === 0);
    for (const unit of [1e30, 1e-30]) {
      const { scores } = await scoresOf(
        column.map((x) => x * unit),
        fitHbos(
          Float64Array.from(column, (x) => x * unit),
          1,
        ),
      );
      expect(scores.every(Number.isFinite)).toBe(true);
    }
    const { scores } = await scoresOf([1e30, 2e30], fitHbos(new Float64Array(20).fill(1e30), 1));
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  it("does not depend on the units of the columns, unless told not to scale", async () => {
    const { rows, columns } = cases[0]!;
    const table = (unit: number) =>
      Array.from({ length: rows.length / columns }, (_, row) =>
        Array.from({ length: columns }, (_, column) => rows[row * columns + column]! * (column ? 1 : unit)),
      );
    const scoresWith = async (scaling: "none" | undefined, unit: number) => {
      const fitted = await hbos(scaling ? { scaling } : {}).fit(table(unit));
      const { scores } = await fitted.score(table(unit));
      await fitted.close();
      return scores;
    };
    // A power of two leaves the digits as they are.
    expect(await scoresWith(undefined, 1024)).toEqual(await scoresWith(undefined, 1));
    expect(await scoresWith("none", 1024)).not.toEqual(await scoresWith("none", 1));
  });

  it("refuses what it cannot learn from", () => {
    expect(() => fitHbos(new Float64Array(0), 3)).toThrow(SurprisalError);
    expect(() => fitHbos(Float64Array.of(-1e308, 1e308), 1)).toThrow(/span more/);
    expect(() => hbos({ bins: 1 })).toThrow(/bins/);
  });
});
