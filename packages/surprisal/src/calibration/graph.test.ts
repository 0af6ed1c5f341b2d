import { input, symbol } from "@surprisal/engine";
import { randomStream } from "@surprisal/engine/random";
import { describe, expect, it } from "vitest";
import { runGraph } from "../testing/run-graph.js";
import { conformalGraph, conformalPValues, conformalTable } from "./index.js";

async function pValuesOf(calibration: ArrayLike<number>, scores: Float32Array) {
  const table = conformalTable(calibration);
  const score = input("score", [symbol("N")]);
  const { p } = await runGraph(
    { p: conformalGraph(score, table) },
    { score: { dtype: "float32", shape: [scores.length], data: scores } },
  );
  expect(p.shape).toEqual([scores.length]);
  return { graph: p.data, expected: conformalPValues(scores, table) };
}

describe("conformalGraph", () => {
  it.each([1, 2, 3, 7, 8, 64, 1000])(
    "gives the numbers of conformalPValues with %i calibration rows",
    async (rows) => {
      const stream = randomStream(rows, "conformal-graph-test");
      // Rounded, so that calibration scores repeat and fresh scores meet them exactly.
      const draw = () => Math.fround(Math.round(stream.normal() * 20) / 20);
      const calibration = Float32Array.from({ length: rows }, draw);
      const fresh = Float32Array.from({ length: 300 }, draw);
      fresh.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -100, 100]);
      const { graph, expected } = await pValuesOf(calibration, fresh);
      expect(graph).toEqual(expected);
    },
  );

  it("takes infinite scores for the largest, also among those of the calibration", async () => {
    const calibration = Float32Array.of(Number.NEGATIVE_INFINITY, 0, 1, Number.POSITIVE_INFINITY);
    const fresh = Float32Array.of(Number.NEGATIVE_INFINITY, -1, 0, 2, 3.4e38, Number.POSITIVE_INFINITY);
    const { graph, expected } = await pValuesOf(calibration, fresh);
    expect(graph).toEqual(expected);
    expect(Array.from(graph as Float32Array, (p) => Math.round(5 * p))).toEqual([5, 4, 4, 2, 2, 2]);
  });

  it.each([1e-38, 1e30, 3e37])("keeps scores of about %f apart", async (scale) => {
    const stream = randomStream(5, "scaled");
    const draw = () => Math.fround(stream.normal() * scale);
    const calibration = Float32Array.from({ length: 200 }, draw);
    const fresh = Float32Array.from({ length: 200 }, (_, i) => (i % 2 ? calibration[i]! : draw()));
    const { graph, expected } = await pValuesOf(calibration, fresh);
    expect(graph).toEqual(expected);
  });

  it("tells neighbouring float32 scores apart", async () => {
    const calibration = Float32Array.of(1, 1 + 2 ** -23, 2);
    const fresh = Float32Array.of(1 - 2 ** -24, 1, 1 + 2 ** -23, 1 + 2 ** -22);
    const { graph, expected } = await pValuesOf(calibration, fresh);
    expect(graph).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
  });
});
