import { readFileSync } from "node:fs";
import { input, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { SurprisalError } from "../../errors.js";
import { runGraph } from "../../testing/run-graph.js";
import { drawDirections, fitLoda, fitLodaAlong, type Loda } from "./fit.js";
import { lodaGraph } from "./graph.js";

interface Case {
  name: string;
  columns: number;
  bins: number | "auto";
  rows: number[];
  directions: number[];
  fresh: number[];
  scores: number[];
  pyod: { limits: number[][]; histograms: number[][]; scores: number[] };
}

const url = new URL("../../../src/detectors/loda/fixtures/numpy.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

async function scoresOf(rows: readonly number[], loda: Loda): Promise<Float32Array> {
  const columns = loda.weights.length / loda.bins.length;
  const { score } = await runGraph(
    { score: lodaGraph(input("x", [symbol("N"), columns], "float64"), loda) },
    { x: { dtype: "float64", shape: [rows.length / columns, columns], data: Float64Array.from(rows) } },
  );
  return score.data as Float32Array;
}

describe.each(cases)("along PyOD's projections: $name", (one) => {
  const { columns, bins, rows, directions, fresh, scores: expected, pyod } = one;

  it("is the definition, evaluated with NumPy", async () => {
    const loda = fitLodaAlong(Float64Array.from(rows), Float64Array.from(directions), columns, bins);
    const scores = await scoresOf(fresh, loda);
    expect(scores).toHaveLength(expected.length);
    expected.forEach((score, row) => {
      expect(Math.abs(scores[row]! - score)).toBeLessThanOrEqual(1e-5 * Math.abs(score));
    });
  });

  it("takes the bin that a row lies in, where PyOD takes the next one", () => {
    const cuts = pyod.limits.length;
    const mismatches = pyod.scores.map((theirs, row) => {
      let shifted = 0;
      let own = 0;
      for (let cut = 0; cut < cuts; cut++) {
        let place = 0;
        for (let j = 0; j < columns; j++) place += directions[cut * columns + j]! * rows[row * columns + j]!;
        const inner = pyod.limits[cut]!.slice(0, -1);
        const last = inner.length - 1;
        const at = inner.filter((limit) => limit < place).length;
        own -= Math.log(pyod.histograms[cut]![Math.max(0, at - 1)]!);
        shifted -= Math.log(pyod.histograms[cut]![Math.min(at, last)]!);
      }
      expect(theirs * cuts * cuts).toBeCloseTo(shifted, 6);
      return Math.abs(own - shifted) > 0.1;
    });
    expect(mismatches.includes(true)).toBe(true);
  });
});

describe("drawDirections", () => {
  it("uses the root of the number of columns, all of them alike", () => {
    const directions = drawDirections(4000, 10, 1);
    const uses = new Int32Array(10);
    for (let p = 0; p < 4000; p++) {
      let used = 0;
      for (let j = 0; j < 10; j++) {
        if (directions[p * 10 + j] === 0) continue;
        uses[j]!++;
        used++;
      }
      expect(used).toBe(3);
    }
    for (const count of uses) expect(Math.abs(count - 1200)).toBeLessThan(5 * Math.sqrt(1200 * 0.7));
    const normals = directions.filter((w) => w !== 0);
    const squares = normals.reduce((total, w) => total + w * w, 0) / normals.length;
    expect(Math.abs(squares - 1)).toBeLessThan(5 * Math.sqrt(2 / normals.length));
  });
});

describe("loda", () => {
  it("scores rows far outside as if no training row were near, however far", async () => {
    const { rows, columns } = cases[0]!;
    const loda = fitLoda(Float64Array.from(rows), columns, { seed: 1 });
    const far = [1e3, 1e30, 1e300].flatMap((x) => Array.from({ length: columns }, () => x));
    const scores = await scoresOf(far, loda);
    // -log(1e-12 / 120): no projection has a training row there.
    for (const score of scores) expect(score).toBeCloseTo(-Math.log(1e-12 / 120), 4);
  });

  it("sees a row that is odd only in combination", async () => {
    const rows = Array.from({ length: 500 }, (_, i) => [Math.sin(i), Math.sin(i) + Math.cos(3 * i) / 20]);
    const loda = fitLoda(Float64Array.from(rows.flat()), 2, { projections: 400 });
    // With two columns a direction uses one: both values are ordinary on their own.
    const [ordinary, odd] = await scoresOf([0.9, 0.9, 0.9, -0.9], loda);
    expect(Math.abs(odd! - ordinary!)).toBeLessThan(0.5);
    const wide = rows.map(([a, b]) => [a!, b!, a!, b!]);
    const pairs = fitLoda(Float64Array.from(wide.flat()), 4, { projections: 400 });
    const [near, far] = await scoresOf([0.9, 0.9, 0.9, 0.9, 0.9, -0.9, 0.9, -0.9], pairs);
    expect(far! - near!).toBeGreaterThan(1);
  });

  it("takes constant columns and refuses no rows", async () => {
    const loda = fitLoda(new Float64Array(30).fill(4), 3);
    const [same, other] = await scoresOf([4, 4, 4, 40, 40, 40], loda);
    expect(same).toBeCloseTo(0, 6);
    expect(other).toBeGreaterThan(20);
    expect(() => fitLoda(new Float64Array(0), 3)).toThrow(SurprisalError);
    expect(() => lodaGraph(input("x", [symbol("N"), 2], "float64"), loda)).toThrow(/float64 \[N, 3\]/);
  });
});
