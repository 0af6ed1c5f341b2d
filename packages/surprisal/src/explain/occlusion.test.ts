import { describe, expect, it } from "vitest";
import type { Table } from "../data/table.js";
import type { FittedDetector, Samples } from "../detector/types.js";
import { contributions, occlusion, typicalValues } from "./index.js";

const weights: Readonly<Record<string, number>> = { a: 2, b: -3 };

/** A detector whose score is 2 a - 3 b, plus 10 where the colour is red: its contributions are known. */
function linearDetector(outputs: readonly string[]): FittedDetector {
  const score = async (samples: Samples) => {
    const table = samples as Table;
    const scores = new Float32Array(table.rowCount);
    for (const column of table.columns) {
      for (let i = 0; i < table.rowCount; i++) {
        scores[i]! +=
          column.kind === "numeric"
            ? weights[column.name]! * column.values[i]!
            : column.values[i] === "red"
              ? 10
              : 0;
      }
    }
    const contribution = {
      dtype: "float32",
      shape: [table.rowCount, 3],
      data: new Float32Array(3 * table.rowCount).fill(7),
    };
    return { scores, pValues: undefined, isAnomaly: [], outputs: { contribution } };
  };
  return { metadata: { outputs }, score } as unknown as FittedDetector;
}

const table: Table = {
  rowCount: 5,
  columns: [
    { name: "a", kind: "numeric", values: Float64Array.of(1, 2, 3, Number.NaN, 50) },
    { name: "b", kind: "numeric", values: Float64Array.of(0, 0, 1, 1, 1) },
    { name: "colour", kind: "categorical", values: ["blue", "blue", null, "red", "red"] },
  ],
};

const lastRow: Table = {
  rowCount: 1,
  columns: [
    { name: "a", kind: "numeric", values: Float64Array.of(50) },
    { name: "b", kind: "numeric", values: Float64Array.of(1) },
    { name: "colour", kind: "categorical", values: ["red"] },
  ],
};

describe("typicalValues", () => {
  it("is the median of the numbers there are and the most frequent category", () => {
    expect(typicalValues(table)).toEqual([2.5, 1, "blue"]);
  });

  it("has NaN and null for columns without values", () => {
    const columns = [
      { name: "x", kind: "numeric", values: Float64Array.of(Number.NaN) },
      { name: "y", kind: "categorical", values: [null] },
    ] as const;
    expect(typicalValues({ columns, rowCount: 1 })).toEqual([Number.NaN, null]);
  });
});

describe("occlusion", () => {
  it("gives the terms of a linear score", async () => {
    const parts = await occlusion(linearDetector([]), lastRow, [2.5, 0, "blue"]);
    expect([...parts]).toEqual([2 * (50 - 2.5), -3 * (1 - 0), 10]);
  });

  it("keeps rows apart", async () => {
    const columns = table.columns.slice(1);
    const parts = await occlusion(linearDetector([]), { columns, rowCount: 5 }, [0, "blue"]);
    expect([...parts]).toEqual([0, 0, 0, 0, -3, 0, -3, 10, -3, 10]);
  });
});

describe("contributions", () => {
  it("takes the output of the file where there is one", async () => {
    const typical = typicalValues(table);
    expect([...(await contributions(linearDetector(["contribution"]), lastRow, typical))]).toEqual([7, 7, 7]);
    expect((await contributions(linearDetector([]), lastRow, typical))[0]).toBe(95);
  });
});
