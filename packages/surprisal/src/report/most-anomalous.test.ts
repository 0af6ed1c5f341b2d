import { describe, expect, it } from "vitest";
import type { NDArray } from "../data/ndarray.js";
import type { FittedDetector } from "../detector/types.js";
import {
  highestScores,
  mostAnomalousImages,
  mostAnomalousRows,
  reconstructsImages,
} from "./most-anomalous.js";

/** Images of 1 x 2 grey pixels; the reconstruction is grey everywhere, the score nothing of interest. */
const imageDetector = {
  name: "grey",
  metadata: {
    input: { kind: "array", dtype: "uint8", shape: [1, 2, 1], offset: 0, scale: 255 },
    outputs: ["reconstruction"],
    features: [],
  },
  score: async (images: NDArray) => ({
    outputs: {
      reconstruction: { data: new Float32Array(images.data.length).fill(0.5), shape: images.shape },
    },
  }),
} as unknown as FittedDetector;

const images: NDArray = { data: Uint8Array.of(0, 0, 255, 255, 0, 255), shape: [3, 1, 2, 1] };

describe("highestScores", () => {
  it("puts the highest first, and among equals the first row", () => {
    expect(highestScores([1, 3, 2, 3], 3)).toEqual([1, 3, 2]);
    expect(highestScores([1], 3)).toEqual([0]);
  });
});

describe("mostAnomalousImages", () => {
  it("shows images with E, the sum of squared differences in units of white", async () => {
    const labels = Uint8Array.of(0, 1, 0);
    const shown = await mostAnomalousImages(imageDetector, images, [0.1, 0.9, 0.5], { limit: 2, labels });
    expect(shown.map(({ index, label, error }) => ({ index, label, error }))).toEqual([
      { index: 1, label: 1, error: 2 * 0.25 },
      { index: 2, label: 0, error: 2 * 0.25 },
    ]);
    expect(shown[1]!.input).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
    expect(shown[1]!.reconstruction!.data).toEqual(Uint8Array.of(128, 128));
  });

  it("needs a reconstruction", async () => {
    const metadata = { ...imageDetector.metadata, outputs: [] };
    const without = { ...imageDetector, metadata };
    expect(reconstructsImages(without)).toBe(false);
    await expect(mostAnomalousImages(without, images, [1, 2, 3])).rejects.toThrow("no reconstruction");
    const rows = await mostAnomalousRows(without, images, [1, 2, 3], { limit: 1, pValues: [1, 1, 0.25] });
    expect(rows).toEqual([{ index: 2, score: 3, pValue: 0.25, values: [] }]);
  });
});

describe("mostAnomalousRows", () => {
  const sumDetector = {
    name: "sum",
    metadata: {
      input: {
        kind: "table",
        named: true,
        dtype: "float64",
        columns: [
          { name: "b", kind: "numeric", missing: true },
          { name: "a", kind: "numeric", missing: true },
        ],
      },
      outputs: [],
    },
    score: async (table: { columns: { values: Float64Array }[]; rowCount: number }) => ({
      scores: Float32Array.from({ length: table.rowCount }, (_, i) =>
        table.columns.reduce((sum, { values }) => sum + values[i]!, 0),
      ),
    }),
  } as unknown as FittedDetector;

  it("gives each column of the detector its part of the score, by name or by position", async () => {
    const named = {
      rowCount: 3,
      columns: [
        { name: "a", kind: "numeric" as const, values: Float64Array.of(1, 2, 30) },
        { name: "other", kind: "numeric" as const, values: Float64Array.of(9, 9, 9) },
        { name: "b", kind: "numeric" as const, values: Float64Array.of(4, 5, 6) },
      ],
    };
    const expected = [
      {
        index: 2,
        score: 36,
        values: [
          { name: "b", value: "6", contribution: 1 },
          { name: "a", value: "30", contribution: 28 },
        ],
      },
    ];
    expect(await mostAnomalousRows(sumDetector, named, [5, 7, 36], { limit: 1 })).toEqual(expected);
    const rows = [
      [4, 1],
      [5, 2],
      [6, 30],
    ];
    expect(await mostAnomalousRows(sumDetector, rows, [5, 7, 36], { limit: 1 })).toEqual(expected);
  });

  it("names a column that is missing", async () => {
    const table = {
      rowCount: 1,
      columns: [{ name: "a", kind: "numeric" as const, values: Float64Array.of(1) }],
    };
    await expect(mostAnomalousRows(sumDetector, table, [1])).rejects.toThrow('"b" is missing');
  });
});
