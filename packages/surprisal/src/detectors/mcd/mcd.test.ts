import { readFileSync } from "node:fs";
import { input, randomStream, symbol } from "@surprisal/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { auroc } from "../../metrics/index.js";
import { runGraph } from "../../testing/run-graph.js";
import { columnUnits, type Ellipsoid } from "../mahalanobis/fit.js";
import { ellipsoidGraph } from "../mahalanobis/graph.js";
import { concentrate, estimateOf } from "./estimate.js";
import { consistencyFactor, fitMcd, reweighted, supportSize } from "./fit.js";
import { mcd } from "./index.js";
import { spanCoordinates } from "./span.js";
import { univariateSupport } from "./univariate.js";

interface Case {
  name: string;
  columns: number;
  rows: number[];
  fresh: number[];
  support: number[];
  logDeterminant: number;
  scores: number[];
  freshScores: number[];
  kept: number;
  location: number[];
  covariance: number[];
  wholeScores: number[];
  wholeFreshScores: number[];
}

const url = new URL("../../../src/detectors/mcd/fixtures/scikit-learn.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: readonly number[], ellipsoid: Ellipsoid) {
  const columns = ellipsoid.mean.length;
  const x = input("x", [symbol("N"), columns], "float64");
  const { score } = await runGraph(
    { score: ellipsoidGraph(x, ellipsoid).score },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) } },
  );
  return score!.data as Float32Array;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6) {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i]!)),
    );
  }
}

describe.each(cases)("as scikit-learn: $name", ({ columns, rows, fresh, ...expected }) => {
  const data = Float64Array.from(rows);
  const units = columnUnits(data, columns);

  it("has its final estimate for its raw support", async () => {
    const span = spanCoordinates(data, columns, units);
    const fitted = reweighted(data, columns, span, Uint32Array.from(expected.support), units);
    expect(fitted.kept).toBe(expected.kept);
    expectClose(fitted.mean, expected.location);
    expectClose(fitted.covariance, expected.covariance);
    expectClose(await scoresOf(rows, fitted), expected.scores);
    expectClose(await scoresOf(fresh, fitted), expected.freshScores);
  });

  it("has its estimate where all rows are the support", async () => {
    const fitted = await fitMcd(data, columns, { supportFraction: 1 }, randomStream(0, "mcd"));
    expectClose(await scoresOf(rows, fitted), expected.wholeScores);
    expectClose(await scoresOf(fresh, fitted), expected.wholeFreshScores);
  });

  it.each(["half", "elemental"] as const)("finds a determinant as small from %s starts", async (starts) => {
    const { support } = await fitMcd(data, columns, { starts }, randomStream(5, "mcd"));
    expect(support).toHaveLength(expected.support.length);
    expect(estimateOf(data, columns, support).logDeterminant).toBeLessThanOrEqual(
      expected.logDeterminant + 1e-9,
    );
  });
});

describe("the search", () => {
  const stream = randomStream(3, "rows");
  const cloud = (count: number, columns: number) =>
    Float64Array.from({ length: count * columns }, () => stream.normal());

  it("never raises the determinant by a C-step", () => {
    const rows = cloud(100, 4);
    for (let start = 0; start < 20; start++) {
      let estimate = concentrate(rows, 4, 53, estimateOf(rows, 4, stream.choice(100, 53)));
      for (let step = 0; step < 5; step++) {
        const next = concentrate(rows, 4, 53, estimate);
        expect(next.logDeterminant).toBeLessThanOrEqual(estimate.logDeterminant + 1e-12);
        estimate = next;
      }
    }
  });

  it("in one column takes the window of smallest variance of all", () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 14 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 1, noNaN: true }), (list, share) => {
        const data = Float64Array.from(list);
        const size = Math.max(1, Math.floor(share * list.length));
        const spread = (chosen: number[]) => {
          const mean = chosen.reduce((a, b) => a + b) / chosen.length;
          return chosen.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        };
        const sorted = [...list].sort((a, b) => a - b);
        const least = Math.min(
          ...sorted.slice(0, list.length - size + 1).map((_, i) => spread(sorted.slice(i, i + size))),
        );
        const support = univariateSupport(data, size);
        expect(new Set(support).size).toBe(size);
        expect(spread([...support].map((row) => list[row]!))).toBeCloseTo(least, 6);
      }),
    );
  });

  it("withstands 30 % of outliers among thousands of rows, that draw the plain mean away", async () => {
    const count = 2000;
    const rows = cloud(count, 3);
    for (let i = 0; i < 600; i++) for (let j = 0; j < 3; j++) rows[i * 3 + j]! += 8;
    for (const starts of ["half", "elemental"] as const) {
      const fitted = await fitMcd(rows, 3, { starts }, randomStream(1, "mcd"));
      for (const value of fitted.mean) expect(Math.abs(value)).toBeLessThan(0.15);
      expectClose(
        [0, 4, 8].map((at) => fitted.covariance[at]!),
        [1, 1, 1],
        0.15,
      );
    }
  });

  it("is consistent: unbiased for Gaussian rows, whatever part is the support", async () => {
    const rows = cloud(6000, 2);
    for (const supportFraction of [undefined, 0.75, 1]) {
      const { covariance } = await fitMcd(rows, 2, { supportFraction }, randomStream(2, "mcd"));
      expectClose(covariance, [1, 0, 0, 1], 0.06);
    }
    expect(consistencyFactor(3, 1)).toBe(1);
    expect(consistencyFactor(1, 0.5)).toBeGreaterThan(6);
  });

  it("finds the plane that most rows lie in, and measures rows off it by the variation of all", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => {
      const [a, b] = [stream.normal(), stream.normal()];
      return [a, b, i % 10 === 0 ? a + b + stream.normal() : a + b];
    });
    const fitted = await mcd({ calibration: 0 }).fit(rows);
    const { scores } = await fitted.score(rows);
    const off = rows.map((_, i) => (i % 10 === 0 ? 1 : 0));
    expect(auroc(off, scores)).toBeGreaterThan(0.9);
    const ignoring = await mcd({ calibration: 0, outsideSpan: "ignore" }).fit(rows);
    expect(auroc(off, (await ignoring.score(rows)).scores)).toBeLessThan(0.7);
    const [near, far] = (await fitted.score([0.5, 3].map((c) => [0, 0, c]))).scores;
    expect(far! / near!).toBeCloseTo(36, 0);
    expect(fitted.metadata.training.summary.rank).toBe(2);
  });

  it("fits more equal rows than not, and fewer rows than columns", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => (i < 40 ? [1, 2] : [Math.sin(i), Math.cos(i)]));
    const { scores } = await (await mcd({ calibration: 0 }).fit(rows)).score(rows);
    expect(scores[0]).toBeLessThan(1e-12);
    expect(Math.min(...scores.subarray(40))).toBeGreaterThan(0.1);
    const wide = Array.from({ length: 4 }, (_, i) => [i, i * i, Math.sin(i), 2, -i, i % 2]);
    const few = await (await mcd({ calibration: 0 }).fit(wide)).score(wide);
    expect([...few.scores].every(Number.isFinite)).toBe(true);
  });

  it("refuses a support that leaves too few rows, and a fraction below half", async () => {
    expect(supportSize(10, 3)).toBe(7);
    expect(() => supportSize(10, 6, 0.5)).toThrow(SurprisalError);
    expect(() => supportSize(10, 6, 0.5)).toThrow(/supportFraction 0.5 of 10 rows is 5/);
    expect(() => mcd({ supportFraction: 0.4 })).toThrow(/supportFraction/);
  });

  it("stops when aborted during the search", async () => {
    const rows = Array.from({ length: 4000 }, () => Array.from({ length: 12 }, () => stream.normal()));
    const controller = new AbortController();
    const fitting = mcd().fit(rows, {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === "prepare") setTimeout(() => controller.abort(new Error("stop here")), 1);
      },
    });
    await expect(fitting).rejects.toThrow("stop here");
  });
});
