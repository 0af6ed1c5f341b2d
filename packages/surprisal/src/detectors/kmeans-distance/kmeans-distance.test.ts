import { describe, expect, it } from "vitest";
import { kmeansDistance } from "./index.js";

const rows = Array.from({ length: 120 }, (_, i) => [(i % 2) * 50 + (i % 3), (i % 2) * 50 + (i % 5)]);

describe("kmeans-distance", () => {
  it("is the distance from the mean of the nearest cluster", async () => {
    const fitted = await kmeansDistance({ clusters: 2, calibration: 0, scaling: "none" }).fit(rows);
    const { scores } = await fitted.score([
      [1, 2],
      [51, 52],
      [4, 6],
      [51, 60],
    ]);
    [0, 0, 5, 8].forEach((distance, i) => {
      expect(scores[i]).toBeCloseTo(distance, 4);
    });
    expect(fitted.metadata.training.summary.clusters).toBe(2);
  });

  it.each([1e30, 1e-30])("keeps its digits at scale %d", async (scale) => {
    const scaled = rows.map((row) => row.map((value) => value * scale));
    const fitted = await kmeansDistance({ clusters: 2, calibration: 0, scaling: "none" }).fit(scaled);
    const { scores } = await fitted.score([[4 * scale, 6 * scale]]);
    expect(scores[0]! / scale).toBeCloseTo(5, 4);
  });

  it("is the distance from the mean of all rows for one cluster", async () => {
    const fitted = await kmeansDistance({ clusters: 1, calibration: 0, scaling: "none" }).fit([
      [0],
      [2],
      [10],
    ]);
    expect([...(await fitted.score([[4], [0]])).scores]).toEqual([0, 4]);
  });

  it("keeps small files, whatever the number of rows", async () => {
    const few = await kmeansDistance().fit(rows);
    const many = await kmeansDistance().fit(Array.from({ length: 40 }, () => rows).flat());
    expect(many.bytes.length).toBeLessThan(few.bytes.length + 20_000);
  });
});
