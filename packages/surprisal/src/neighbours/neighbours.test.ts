import { input, randomStream, symbol } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { runGraph } from "../testing/run-graph.js";
import { nearestNeighbours, searchLayout } from "./graph.js";
import { buildKdTree, treeNeighbours } from "./kd-tree.js";
import { coordinateLimit, pointSet, toPoints } from "./point-set.js";
import { isTreeFaster, trainingNeighbours } from "./training-neighbours.js";

function clusteredRows(count: number, columns: number, name = "rows"): Float32Array {
  const stream = randomStream(3, name);
  const rows = new Float32Array(count * columns);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = (Math.floor(i / columns) % 5) * 3 + stream.normal() * (1 + (i % columns));
  }
  return rows;
}

/** Squared distances of x from all points, in rising order, but the point `self`. */
function sortedSquares(x: ArrayLike<number>, points: Float32Array, columns: number, self = -1): number[] {
  const squares: number[] = [];
  for (let i = 0; i * columns < points.length; i++) {
    if (i === self) continue;
    let total = 0;
    for (let j = 0; j < columns; j++) total += (x[j]! - points[i * columns + j]!) ** 2;
    squares.push(total);
  }
  return squares.sort((a, b) => a - b);
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, rtol = 1e-5): void {
  expect(found).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i]! - expected[i]!), `entry ${i}`).toBeLessThanOrEqual(rtol * expected[i]!);
  }
}

describe("nearestNeighbours", () => {
  // One cell of one point; cells of several points; several products with an unfilled last cell.
  it.each([
    { count: 40, columns: 7, k: 5 },
    { count: 3001, columns: 2, k: 3 },
    { count: 9999, columns: 3, k: 20 },
    { count: 11, columns: 1, k: 11 },
    { count: 1, columns: 2, k: 1 },
  ])(
    "finds what sorting all distances finds: $count points of $columns columns, k $k",
    async ({ count, columns, k }) => {
      const set = pointSet(clusteredRows(count, columns), columns);
      const fresh = clusteredRows(20, columns, "fresh").map((value) => value * 1.2);
      const points = toPoints(input("x", [symbol("N"), columns]), set);
      const { indices, squares, differences } = nearestNeighbours(points, set, k);
      const result = await runGraph(
        { points, indices, squares, differences },
        { x: { dtype: "float32", shape: [20, columns], data: fresh } },
      );
      const queries = result.points!.data as Float32Array;
      const rows = result.indices!.data as BigInt64Array;
      for (let i = 0; i < 20; i++) {
        const query = queries.subarray(i * columns, (i + 1) * columns);
        const found = (result.squares!.data as Float32Array).subarray(i * k, (i + 1) * k);
        expectClose(found, sortedSquares(query, set.points, columns).slice(0, k));
        for (let j = 0; j < columns; j++) {
          const nearest = set.points[Number(rows[i * k]!) * columns + j]!;
          expect((result.differences!.data as Float32Array)[i * k * columns + j]).toBe(
            Math.fround(nearest - query[j]!),
          );
        }
      }
    },
  );

  it("keeps near duplicates apart that products cannot tell", async () => {
    // 10 away from the centre, in pairs 0.001 apart.
    const rows = Float64Array.from(
      { length: 400 },
      (_, i) => (i % 2 ? 10 : -10) + (i >> 2) * 0.1 + (i & 2) / 2000,
    );
    const set = pointSet(rows, 1);
    const x = toPoints(input("x", [symbol("N"), 1], "float64"), set);
    const { squares } = nearestNeighbours(x, set, 1);
    const data = Float64Array.of(10.0004, -9.9996);
    const result = await runGraph({ squares }, { x: { dtype: "float64", shape: [2, 1], data } });
    const distances = Array.from(
      result.squares!.data as Float32Array,
      (value) => Math.sqrt(value) / set.scale,
    );
    for (const distance of distances) expect(distance).toBeCloseTo(0.0004, 5);
  });

  it("lays out any number of points, with all of them in a cell", () => {
    for (const count of [1, 2, 100, 4097, 300_000]) {
      for (const columns of [1, 10, 800]) {
        const layout = searchLayout(count, columns, Math.min(5, count));
        const room = layout.products * layout.cellsPerProduct * layout.cellSize;
        expect(room).toBeGreaterThanOrEqual(count);
        expect(layout.candidates * layout.cellSize).toBeGreaterThanOrEqual(Math.min(5, count));
        expect(layout.elementsPerRow).toBeLessThan(1 << 18);
      }
    }
  });
});

describe("pointSet", () => {
  it("centres in double precision and scales by a power of two", () => {
    const rows = Float64Array.from({ length: 100 }, (_, i) => 1e12 + i);
    const { points, center, scale } = pointSet(rows, 1);
    expect(center[0]).toBe(1e12 + 50);
    expect(Number.isInteger(Math.log2(scale))).toBe(true);
    expect([...points].map((value) => value / scale + center[0]!)).toEqual([...rows]);
  });

  it("limits what float32 cannot square, and gives equal rows scale 1", () => {
    const { points } = pointSet(Float64Array.of(1, 2, 3, 4, 1e200), 1);
    expect(points[4]).toBe(coordinateLimit(1));
    expect(pointSet(Float64Array.of(5, 5, 5), 1)).toMatchObject({ scale: 1, center: Float64Array.of(5) });
  });

  it("refuses rows of another width", () => {
    const set = pointSet(Float64Array.of(1, 2, 3, 4), 2);
    expect(() => toPoints(input("x", [symbol("N"), 3]), set)).toThrow(/2 columns, got \[N, 3\]/);
  });
});

describe("k-d tree", () => {
  it.each([
    [1000, 3, 7],
    [25, 2, 24],
    [700, 12, 5],
    [2, 1, 1],
  ])("finds what sorting all distances finds: %d points of %d columns, k %d", (count, columns, k) => {
    const rows = clusteredRows(count, columns);
    const tree = buildKdTree(rows, columns);
    const { indices, squares } = treeNeighbours(tree, k, 0, count);
    for (let i = 0; i < count; i += 1 + (count >> 6)) {
      const row = tree.order[i]!;
      const query = rows.subarray(row * columns, (row + 1) * columns);
      expectClose(
        squares.subarray(i * k, (i + 1) * k),
        sortedSquares(query, rows, columns, row).slice(0, k),
        1e-6,
      );
      expect(indices.subarray(i * k, (i + 1) * k)).not.toContain(row);
    }
  });

  it("counts duplicates as neighbours, but not the point itself", () => {
    const rows = Float32Array.from({ length: 200 }, (_, i) => i >> 1);
    const tree = buildKdTree(rows, 1);
    const { indices, squares } = treeNeighbours(tree, 2, 0, 200);
    for (let i = 0; i < 200; i++) {
      expect([...squares.subarray(2 * i, 2 * i + 2)]).toEqual([0, 1]);
      expect(indices[2 * i]).toBe(tree.order[i]! ^ 1);
    }
  });
});

describe("trainingNeighbours", () => {
  const set = pointSet(clusteredRows(5000, 4), 4);

  it("finds the same by products and by a tree in threads", async () => {
    const products = await trainingNeighbours(set, 6, { method: "products" });
    const tree = await trainingNeighbours(set, 6, { method: "tree" });
    expectClose(products.squares, tree.squares, 1e-4);
    let different = 0;
    for (let i = 0; i < tree.indices.length; i++) if (tree.indices[i] !== products.indices[i]) different++;
    expect(different).toBeLessThan(10);
  });

  it("leaves a point out of its own neighbours, many duplicates or not", async () => {
    const twins = pointSet(new Float32Array(300).fill(2), 3);
    const { indices, squares } = await trainingNeighbours(twins, 4, { method: "products" });
    expect(squares.every((square) => square === 0)).toBe(true);
    for (let i = 0; i < indices.length; i++) expect(indices[i]).not.toBe(Math.floor(i / 4));
  });

  it("takes a tree for few columns, products for many, whatever the machine", async () => {
    expect(isTreeFaster(800, 280_000, 10)).toBe(true);
    expect(isTreeFaster(5000, 5200, 64)).toBe(false);
  });

  it.each(["products", "tree"] as const)(
    "tells progress up to 1 and stops when aborted: %s",
    async (method) => {
      const parts: number[] = [];
      await trainingNeighbours(set, 3, { method, onProgress: (part) => parts.push(part) });
      expect(parts.at(-1)).toBe(1);
      expect(parts).toEqual([...parts].sort((a, b) => a - b));
      const aborter = new AbortController();
      const onProgress = () => aborter.abort(new Error("enough"));
      const large = pointSet(clusteredRows(20_000, 4), 4);
      await expect(
        trainingNeighbours(large, 3, { method, onProgress, signal: aborter.signal }),
      ).rejects.toThrow("enough");
    },
  );
});
