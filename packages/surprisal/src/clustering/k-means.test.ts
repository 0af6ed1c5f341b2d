import { readFileSync } from "node:fs";
import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { type KMeansOptions, kMeans } from "./k-means.js";
import { isWorthProducts } from "./product-distances.js";
import { squareDistance } from "./square-distance.js";

interface Case {
  name: string;
  columns: number;
  train: number[];
  inertia: number;
}

const url = new URL("../../src/detectors/cblof/fixtures/pyod.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] };

const options: KMeansOptions = {
  clusters: 8,
  starts: 1,
  maxIterations: 300,
  tolerance: 0,
  seed: 1,
};

/** Whether every row is in the cluster of its nearest centre, and every centre is the mean of its rows. */
function isFixedPoint(
  rows: Float32Array,
  columns: number,
  { centers, labels }: Awaited<ReturnType<typeof kMeans>>,
) {
  const clusters = centers.length / columns;
  const square = (row: number, center: number) =>
    Array.from(
      { length: columns },
      (_, j) => (rows[row * columns + j]! - centers[center * columns + j]!) ** 2,
    ).reduce((a, b) => a + b, 0);
  const isNearest = labels.every((label, row) =>
    Array.from({ length: clusters }, (_, center) => square(row, center)).every(
      (other) => square(row, label) <= other * (1 + 1e-12),
    ),
  );
  const isMean = Array.from({ length: clusters }, (_, cluster) => {
    const members = [...labels.keys()].filter((row) => labels[row] === cluster);
    return Array.from({ length: columns }, (_, j) => {
      const mean = members.reduce((total, row) => total + rows[row * columns + j]!, 0) / members.length;
      return Math.abs(mean - centers[cluster * columns + j]!) <= 1e-9 * (1 + Math.abs(mean));
    }).every(Boolean);
  }).every(Boolean);
  return { isNearest, isMean };
}

describe("kMeans", () => {
  it.each(cases)(
    "ends at a fixed point about as tight as scikit-learn's: $name",
    async ({ columns, train, inertia }) => {
      const rows = Float32Array.from(train);
      const found = await kMeans(rows, columns, { ...options, starts: 5 });
      expect(isFixedPoint(rows, columns, found)).toEqual({ isNearest: true, isMean: true });
      expect(found.inertia).toBeLessThan(1.05 * inertia);
      expect(found.sizes.reduce((a, b) => a + b, 0)).toBe(rows.length / columns);
    },
  );

  it("takes the same steps with bounds on distances as the definition does", async () => {
    const stream = randomStream(5, "rows");
    const rows = Float32Array.from({ length: 3000 }, () => stream.normal());
    for (const clusters of [2, 7, 40]) {
      const found = await kMeans(rows, 3, { ...options, clusters });
      expect(isFixedPoint(rows, 3, found)).toEqual({ isNearest: true, isMean: true });
    }
  });

  it("finds well-separated clusters, their sizes and centres", async () => {
    const rows = Float32Array.from({ length: 90 }, (_, i) => (i % 3) * 100 + (i % 5));
    const { centers, sizes } = await kMeans(rows, 1, { ...options, clusters: 3 });
    expect([...sizes]).toEqual([30, 30, 30]);
    expect([...centers].sort((a, b) => a - b).map(Math.round)).toEqual([2, 102, 202]);
  });

  it("makes no more clusters than there are distinct rows", async () => {
    const rows = Float32Array.from({ length: 40 }, (_, i) => i % 2);
    const { centers, inertia } = await kMeans(rows, 1, options);
    expect([...centers].sort()).toEqual([0, 1]);
    expect(inertia).toBe(0);
    expect((await kMeans(Float32Array.of(3, 4), 2, options)).centers).toEqual(Float64Array.of(3, 4));
  });

  it("clusters many rows the same by products with all of them", async () => {
    const stream = randomStream(7, "rows");
    const rows = Float32Array.from({ length: 360_000 }, (_, at) => stream.normal() + 8 * (at % 3));
    const few = { ...options, clusters: 12, maxIterations: 8 };
    expect(isWorthProducts(rows, 3, 12)).toBe(true);
    const { centers, labels, sizes } = await kMeans(rows, 3, few);
    const isNearest = labels.every((label, row) => {
      const own = squareDistance(rows, row, centers, label, 3);
      return sizes.every((_, other) => own <= squareDistance(rows, row, centers, other, 3) * (1 + 1e-9));
    });
    expect(isNearest).toBe(true);
    expect(sizes).toHaveLength(12);
    expect((await kMeans(rows, 3, few)).centers).toEqual(centers);
  });

  it("makes no more clusters than there are distinct ones among many rows", async () => {
    const rows = Float32Array.from({ length: 600_000 }, (_, at) => 1e4 + (Math.floor(at / 3) % 4));
    const { centers, inertia, sizes } = await kMeans(rows, 3, options);
    expect([...sizes]).toEqual([50_000, 50_000, 50_000, 50_000]);
    expect([...new Set(centers)].sort()).toEqual([10_000, 10_001, 10_002, 10_003]);
    expect(inertia).toBe(0);
  });

  it("gives the tightest of several starts, the same for the same seed, and stops when aborted", async () => {
    const stream = randomStream(6, "rows");
    const rows = Float32Array.from({ length: 800 }, () => stream.normal());
    const one = await kMeans(rows, 2, options);
    const ten = await kMeans(rows, 2, { ...options, starts: 10 });
    expect(ten.inertia).toBeLessThanOrEqual(one.inertia);
    expect((await kMeans(rows, 2, options)).centers).toEqual(one.centers);
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(kMeans(rows, 2, { ...options, signal })).rejects.toThrow("stop");
  });
});
