import { randomStream } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { isWorthProducts, openProductDistances } from "./product-distances.js";
import { squareDistance } from "./square-distance.js";

const columns = 3;

function gaussianRows(count: number): Float32Array {
  const stream = randomStream(3, "rows");
  return Float32Array.from({ length: count * columns }, () => stream.normal());
}

describe("openProductDistances", () => {
  // Products with as many centres as 6,000 are in blocks of 699 rows.
  it.each([8, 6000])("measures all rows, in blocks for %i centres", async (clusters) => {
    const rows = gaussianRows(2000);
    const points = Float64Array.from(
      rows.subarray(0, 4 * columns),
      (value, at) => value + (at < 6 ? 0.1 : 0),
    );
    const products = await openProductDistances(rows, columns, clusters);
    try {
      const exact = Float64Array.from({ length: 8000 }, (_, at) =>
        squareDistance(rows, at % 2000, points, Math.floor(at / 2000), columns),
      );
      expect(await products.squares(points)).toBeAllClose(exact, { rtol: 1e-6, atol: 0 });
      const labels = await products.nearest(points);
      const isNearest = labels.every((label, row) =>
        [0, 1, 2, 3].every((point) => exact[2000 * label + row]! <= exact[2000 * point + row]!),
      );
      expect(isNearest).toBe(true);
      expect(new Set(labels).size).toBe(4);
    } finally {
      await products.close();
    }
  });

  it("finds no distance between equal rows far from the origin", async () => {
    const rows = Float32Array.from({ length: 300 }, (_, at) => 1e6 + (at % 6));
    const products = await openProductDistances(rows, columns, 2);
    try {
      const squares = await products.squares(Float64Array.from(rows.subarray(0, columns)));
      expect([...new Set(squares)].sort((a, b) => a - b)).toEqual([0, 27]);
    } finally {
      await products.close();
    }
  });

  it("is worth it for many products, of rows that fit the memory", () => {
    expect(isWorthProducts(new Float32Array(3000), 3, 8)).toBe(false);
    expect(isWorthProducts(new Float32Array(600_000), 3, 8)).toBe(true);
    expect(isWorthProducts(new Float32Array(3e7), 1, 8)).toBe(false);
  });
});
