import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { isolationForest } from "../detectors/index.js";
import { contractRows } from "../testing/contract-rows.js";
import { similarRowsTogether } from "./row-order.js";
import { readSamples } from "./samples.js";

/** From so many rows on they are put in order. */
const MANY = 65_536;

describe("similarRowsTogether", () => {
  it("is a permutation that brings equal rows together", () => {
    const distinct = contractRows(41, "order");
    const rows = Array.from({ length: MANY }, (_, i) => distinct[i % 41]!);
    const order = similarRowsTogether(readSamples(rows))!;
    expect(order.toSorted()).toEqual(Uint32Array.from({ length: MANY }, (_, i) => i));
    let changes = 0;
    for (let i = 1; i < MANY; i++) if (order[i]! % 41 !== order[i - 1]! % 41) changes++;
    expect(changes).toBeLessThan(MANY / 3);
  });

  it("leaves few rows, constant rows and rows of words alone", () => {
    expect(similarRowsTogether(readSamples(contractRows(100, "few")))).toBeUndefined();
    expect(similarRowsTogether(readSamples(Array.from({ length: MANY }, () => [1, 2])))).toBeUndefined();
    const values = Array.from({ length: MANY }, (_, i) => `w${i % 3}`);
    const table = { rowCount: MANY, columns: [{ name: "word", kind: "categorical" as const, values }] };
    expect(similarRowsTogether(readSamples(table))).toBeUndefined();
  });

  it("changes no score: each is where its row is", async () => {
    const few = contractRows(1500, "forest");
    const rows = Array.from({ length: MANY }, (_, i) => few[(i * 7) % 1500]!);
    const model = await isolationForest({ seed: 3, trees: 20 }).fit(few);
    const { scores } = await model.score(rows);
    const alone = (await model.score(few)).scores;
    expect(scores).toBeAllClose(
      rows.map((_, i) => alone[(i * 7) % 1500]!),
      { rtol: 1e-6 },
    );
    expect(new Set(alone).size).toBeGreaterThan(1000);
    await model.close();
  });
});
