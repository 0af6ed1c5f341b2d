import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { isolationForest } from "../detectors/index.js";
import { contractRows } from "../testing/contract-rows.js";
import { similarRowsTogether } from "./row-order.js";
import { readSamples } from "./samples.js";

describe("similarRowsTogether", () => {
  it("is a permutation that brings equal rows together", () => {
    const distinct = contractRows(40, "order");
    const rows = Array.from({ length: 1200 }, (_, i) => distinct[i % 40]!);
    const order = similarRowsTogether(readSamples(rows))!;
    expect(order.toSorted()).toEqual(Uint32Array.from({ length: 1200 }, (_, i) => i));
    let changes = 0;
    for (let i = 1; i < 1200; i++) if (order[i]! % 40 !== order[i - 1]! % 40) changes++;
    expect(changes).toBeLessThan(400);
  });

  it("leaves few rows, constant rows and rows of words alone", () => {
    expect(similarRowsTogether(readSamples(contractRows(100, "few")))).toBeUndefined();
    expect(similarRowsTogether(readSamples(contractRows(600, "same").map(() => [1, 2])))).toBeUndefined();
    const words = Array.from({ length: 600 }, (_, i) => `w${i % 3}`);
    const table = { rowCount: 600, columns: [{ name: "word", kind: "categorical" as const, values: words }] };
    expect(similarRowsTogether(readSamples(table))).toBeUndefined();
  });

  it("changes no score: each is where its row is", async () => {
    const rows = contractRows(1500, "forest");
    const model = await isolationForest({ seed: 3, trees: 20 }).fit(rows);
    const { scores } = await model.score(rows);
    const some = [0, 7, 511, 1499];
    const alone = await model.score(some.map((row) => rows[row]!));
    expect(alone.scores).toBeAllClose(
      some.map((row) => scores[row]!),
      { rtol: 1e-6 },
    );
    expect(new Set(some.map((row) => scores[row])).size).toBe(4);
    await model.close();
  });
});
