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

  it("tells neighbouring float32 scores apart", async () => {
    const calibration = Float32Array.of(1, 1 + 2 ** -23, 2);
    const fresh = Float32Array.of(1 - 2 ** -24, 1, 1 + 2 ** -23, 1 + 2 ** -22);
    const { graph, expected } = await pValuesOf(calibration, fresh);
    expect(graph).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
  });
});
