import { randomStream } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import type { Table } from "../../data/index.js";
import { readSamples } from "../../detector/samples.js";
import { auroc } from "../../metrics/index.js";
import { ecod } from "../ecod/index.js";
import { lof } from "../lof/index.js";
import { mahalanobis } from "../mahalanobis/index.js";
import { chooseColumns } from "./columns.js";
import { featureBagging } from "./index.js";

function normalRows(count: number, columns: number, name = "feature-bagging-test"): number[][] {
  const stream = randomStream(3, name);
  return Array.from({ length: count }, () => Array.from({ length: columns }, () => stream.normal()));
}

describe("chooseColumns", () => {
  it.each([
    [1, 1, 1],
    [2, 1, 1],
    [3, 1, 2],
    [9, 4, 8],
  ])("draws, of %i columns, from %i to %i", (columns, fewest, most) => {
    const chosen = chooseColumns(readSamples(normalRows(2, columns)), 200, 1);
    const sizes = chosen.map(({ numeric }) => numeric.length);
    expect(Math.min(...sizes)).toBe(fewest);
    expect(Math.max(...sizes)).toBe(most);
    for (const { numeric } of chosen) {
      expect(new Set(numeric).size).toBe(numeric.length);
      expect([...numeric]).toEqual([...numeric].sort((a, b) => a - b));
    }
    const everyColumn = new Set(chosen.flatMap(({ numeric }) => [...numeric]));
    expect(everyColumn.size).toBe(columns);
  });
});

describe("featureBagging", () => {
  it("is the average of the detector's scores on each subset of the columns", async () => {
    const rows = normalRows(200, 5);
    const seed = 6;
    const model = await featureBagging({ base: "lof", subsets: 3, seed, calibration: 0 }).fit(rows);
    const { scores } = await model.score(rows);
    const parts = await Promise.all(
      chooseColumns(readSamples(rows), 3, seed).map(async ({ numeric }) => {
        const part = rows.map((row) => Array.from(numeric, (column) => row[column]!));
        return (await (await lof({ calibration: 0 }).fit(part)).score(part)).scores;
      }),
    );
    const expected = scores.map((_, i) => parts.reduce((sum, of) => sum + of[i]! / 3, 0));
    expect(scores).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-6 });
  });

  it("sees what shows in three of thirty columns better than its base alone", async () => {
    const training = normalRows(400, 30);
    const test = normalRows(300, 30, "feature-bagging-fresh").map((row, i) =>
      i < 150 ? row : row.map((x, j) => (j < 3 ? x + 2.5 : x)),
    );
    const labels = test.map((_, i) => (i < 150 ? 0 : 1));
    const quality = async (detector: ReturnType<typeof lof>) =>
      auroc(labels, (await (await detector.fit(training)).score(test)).scores);
    const alone = await quality(lof());
    const bagged = await quality(featureBagging({ subsets: 20 }));
    expect(bagged).toBeGreaterThan(alone);
  });

  it("bags columns of categories, with missing numbers, and elements of arrays", async () => {
    const rows = normalRows(120, 3);
    const table: Table = {
      rowCount: 120,
      columns: [
        ...[0, 1].map((j) => ({
          name: `n${j}`,
          kind: "numeric" as const,
          values: Float64Array.from(rows, (row, i) => (i === 5 ? Number.NaN : row[j]!)),
        })),
        { name: "colour", kind: "categorical", values: rows.map((row) => (row[2]! > 0 ? "red" : "blue")) },
        { name: "shade", kind: "categorical", values: rows.map((row) => (row[1]! > 0 ? "dark" : null)) },
      ],
    };
    const model = await featureBagging({ base: ecod(), scale: "standard", seed: 1 }).fit(table);
    expect(model.metadata.features).toEqual(["n0", "n1", "colour", "shade"]);
    expect(new Set((await model.score(table)).scores).size).toBeGreaterThan(50);
    const one = await featureBagging({ base: ecod(), subsets: 1 }).fit({
      ...table,
      columns: [table.columns[0]!, table.columns[2]!],
    });
    expect((await one.score(table)).scores).toHaveLength(120);
    const images = { data: Float32Array.from(rows.flat()), shape: [90, 2, 2, 1] };
    const onArrays = await featureBagging({ base: mahalanobis() }).fit(images);
    expect((await onArrays.score(images)).scores).toHaveLength(90);
  });

  it("refuses a base that is not one", () => {
    expect(() => featureBagging({ base: "tree" as never })).toThrow(/feature-bagging: option "base"/);
  });
});
