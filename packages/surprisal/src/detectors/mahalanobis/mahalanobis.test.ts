import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { type Ellipsoid, fitMahalanobis } from "./fit.js";
import { ellipsoidGraph } from "./graph.js";
import { mahalanobis } from "./index.js";

interface Case {
  name: string;
  columns: number;
  rank: number;
  rows: number[];
  fresh: number[];
  scores: number[];
  freshScores: number[];
  shrinkage: number;
  shrunkScores: number[];
  shrunkFreshScores: number[];
}

const url = new URL("../../../src/detectors/mahalanobis/fixtures/scikit-learn.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: readonly number[], ellipsoid: Ellipsoid) {
  const columns = ellipsoid.mean.length;
  const x = input("x", [symbol("N"), columns], "float64");
  const { score, contributions } = await runGraph(ellipsoidGraph(x, ellipsoid), {
    x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) },
  });
  return { scores: score!.data as Float32Array, contributions: contributions!.data as Float32Array };
}

function expectScores(scores: Float32Array, expected: readonly number[]) {
  expect(scores).toHaveLength(expected.length);
  expected.forEach((score, i) => {
    expect(Math.abs(scores[i]! - score)).toBeLessThanOrEqual(1e-6 * Math.max(1, score));
  });
}

describe.each(cases)("as scikit-learn: $name", ({ columns, rank, rows, fresh, ...expected }) => {
  const data = Float64Array.from(rows);

  it("has its distances, split by feature", async () => {
    const fitted = await fitMahalanobis(data, columns);
    expect(fitted.rank).toBe(rank);
    const { scores, contributions } = await scoresOf(rows, fitted);
    expectScores(scores, expected.scores);
    scores.forEach((score, i) => {
      const parts = contributions.subarray(i * columns, (i + 1) * columns);
      expect(parts.every((part) => part >= 0)).toBe(true);
      expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(score, 4);
    });
  });

  it("gives new rows its distances, by the pseudo-inverse too where columns do not count apart", async () => {
    const ignoring = await fitMahalanobis(data, columns, { outsideSpan: "ignore" });
    const { scores } = await scoresOf(fresh, ignoring);
    // scikit-learn takes the pseudo-inverse in the columns' own units, which differs from that in
    // units of their deviations only off the span, where neither is more right.
    if (rank === columns) expectScores(scores, expected.freshScores);
    const counting = await scoresOf(fresh, await fitMahalanobis(data, columns));
    counting.scores.forEach((score, i) => {
      if (rank === columns) expect(score).toBeCloseTo(scores[i]!, 3);
      else expect(score).toBeGreaterThanOrEqual(scores[i]! * (1 - 1e-6));
    });
  });

  it("shrinks as much as Ledoit and Wolf", async () => {
    const fitted = await fitMahalanobis(data, columns, { shrinkage: "ledoitWolf" });
    expect(fitted.shrinkage).toBeCloseTo(expected.shrinkage, 9);
    if (fitted.shrinkage === 0) return;
    expectScores((await scoresOf(rows, fitted)).scores, expected.shrunkScores);
    expectScores((await scoresOf(fresh, fitted)).scores, expected.shrunkFreshScores);
  });
});

describe("mahalanobis", () => {
  const sums = Float64Array.from({ length: 90 }, (_, at) => {
    const [i, j] = [Math.floor(at / 3), at % 3];
    const [a, b] = [Math.sin(i * 1.7), Math.cos(i * 2.3)];
    return [a, b, a + b][j]!;
  });

  it("scores a row that breaks a relation above all that keep it, unless told to ignore that", async () => {
    const far = [5, 5, 10];
    const broken = [0.1, 0.1, 0.3];
    const counting = await scoresOf([...far, ...broken], await fitMahalanobis(sums, 3));
    expect(counting.scores[1]).toBeGreaterThan(1e6 * counting.scores[0]!);
    const ignoring = await fitMahalanobis(sums, 3, { outsideSpan: "ignore" });
    const { scores } = await scoresOf([...far, ...broken], ignoring);
    expect(scores[0]).toBeCloseTo(counting.scores[0]!, 3);
    expect(scores[1]).toBeLessThan(1);
  });

  it("has the same scores in other units, and is finite for any row", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [
      Math.sin(i * 12.9),
      Math.cos(i * 78.2) + Math.sin(i * 12.9),
    ]);
    const units = rows.map(([a, b]) => [a! * 1e30 + 1e31, b! * 1e-30]);
    const plain = await (await mahalanobis().fit(rows)).score(rows);
    const fitted = await mahalanobis().fit(units);
    const { scores, pValues } = await fitted.score(units);
    plain.scores.forEach((score, i) => {
      expect(scores[i]).toBeCloseTo(score, 3);
    });
    const wild = await fitted.score([
      [1e300, -1e300],
      [-1e308, 0],
    ]);
    expect([...wild.scores].every(Number.isFinite)).toBe(true);
    expect(Math.max(...wild.pValues!)).toBeLessThanOrEqual(Math.min(...pValues!));
    const raw = await mahalanobis({ scaling: "none" }).fit(units);
    (await raw.score(units)).scores.forEach((score, i) => {
      expect(score).toBeCloseTo(plain.scores[i]!, 3);
    });
  });

  it("refuses fewer than two rows, and a graph of another width", async () => {
    await expect(fitMahalanobis(Float64Array.of(1, 2), 2)).rejects.toThrow(SurprisalError);
    await expect(fitMahalanobis(new Float64Array(0), 0)).rejects.toThrow(/at least 2 rows/);
    const fitted = await fitMahalanobis(sums, 3);
    expect(() => ellipsoidGraph(input("x", [symbol("N"), 2], "float64"), fitted)).toThrow(/float64 \[N, 3\]/);
    expect(() => mahalanobis({ shrinkage: "oas" as never })).toThrow(/shrinkage/);
  });
});
