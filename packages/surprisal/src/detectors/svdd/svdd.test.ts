import { readFileSync } from "node:fs";
import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { ocSvm } from "../oc-svm/index.js";
import { svdd } from "./index.js";

interface Case {
  name: string;
  columns: number;
  options: { kernel: "rbf" | "linear"; gamma: number; nu: number };
  rows: number[];
  fresh: number[];
  scores: number[];
  freshScores: number[];
  radius: number;
}

const url = new URL("../../../src/detectors/svdd/fixtures/scipy.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const toRows = (values: readonly number[], columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));

const raw = { scaling: "none", calibration: 0 } as const;

function normals(count: number, columns: number): number[][] {
  const values = new Float64Array(count * columns);
  randomStream(8, "svdd-test").fillNormal(values);
  return toRows([...values], columns);
}

describe.each(cases)(
  "as the dual solved by scipy: $name",
  ({ columns, options, rows, fresh, ...expected }) => {
    it("has the squared distances beyond the squared radius", async () => {
      const model = await svdd({ ...raw, ...options, tolerance: 1e-10 }).fit(toRows(rows, columns));
      for (const [of, wanted] of [
        [rows, expected.scores],
        [fresh, expected.freshScores],
      ] as const) {
        const { scores } = await model.score(toRows(of, columns));
        wanted.forEach((score, i) => {
          const allowed = 1e-4 * Math.abs(score) + 1e-5 * expected.radius;
          expect(Math.abs(scores[i]! - score)).toBeLessThanOrEqual(allowed);
        });
      }
    });
  },
);

describe("svdd", () => {
  it("ranks as oc-svm does with the RBF kernel: the score is 2 / (nu n) times as large", async () => {
    const rows = normals(200, 3);
    const options = { ...raw, nu: 0.2, gamma: 0.4, tolerance: 1e-8 };
    for (const solver of ["exact", "nystroem"] as const) {
      const ball = await (await svdd({ ...options, solver }).fit(rows)).score(rows);
      const plane = await (await ocSvm({ ...options, solver }).fit(rows)).score(rows);
      ball.scores.forEach((score, i) => {
        expect(score).toBeCloseTo((2 / 40) * plane.scores[i]!, 5);
      });
    }
  });

  it("finds the smallest circle around a few points by hand", async () => {
    // The corners of a square of side 2, and its middle: the circle has radius √2.
    const rows = [[0, 0], [2, 0], [0, 2], [2, 2], [1, 1]]; // biome-ignore format: one line of points
    const model = await svdd({ ...raw, kernel: "linear", nu: 0.1, tolerance: 1e-9 }).fit(rows);
    const { scores } = await model.score([...rows, [4, 1], [1, 1.5]]);
    [0, 0, 0, 0, -2, 7, -1.75].forEach((expected, i) => {
      expect(scores[i]).toBeCloseTo(expected, 5);
    });
  });

  it("does not depend on the origin, and comes near the exact ball with the fast solver", async () => {
    const rows = normals(500, 2).map(([a, b]) => [a! + 30, 3 * b! - 20]);
    const options = { ...raw, kernel: "linear", nu: 0.1, tolerance: 1e-6 } as const;
    const exact = await (await svdd(options).fit(rows)).score(rows);
    const moved = rows.map(([a, b]) => [a! - 1e4, b! + 5e3]);
    const other = await (await svdd(options).fit(moved)).score(moved);
    const fast = await (await svdd({ ...options, solver: "nystroem" }).fit(rows)).score(rows);
    const size = Math.max(...exact.scores) - Math.min(...exact.scores);
    exact.scores.forEach((score, i) => {
      expect(Math.abs(other.scores[i]! - score)).toBeLessThan(1e-4 * size);
      expect(Math.abs(fast.scores[i]! - score)).toBeLessThan(0.02 * size);
    });
  });

  it("scores any row", async () => {
    for (const kernel of ["rbf", "linear"] as const) {
      const model = await svdd({ kernel }).fit(normals(50, 2));
      const { scores } = await model.score([
        [1e300, -1e300],
        [-1e308, 1e308],
      ]);
      expect([...scores].every(Number.isFinite)).toBe(true);
      expect(Math.min(...scores)).toBeGreaterThan(0);
    }
  });

  it("names its wrong options", () => {
    expect(() => svdd({ nu: 1.5 })).toThrow(/svdd: option "nu"/);
    expect(() => svdd({ components: 0 })).toThrow(/"components"/);
  });
});
