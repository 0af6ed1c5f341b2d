import { emitModel, input, randomStream, symbol } from "@surprisal/engine";
import { runModel } from "@surprisal/engine/testing";
import fc from "fast-check";
import * as web from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { runGraph } from "../testing/run-graph.js";
import { buildCells } from "./cells.js";
import { coordinateLimit, type PointSet, pointSet, toPoints } from "./point-set.js";
import { nearestNeighbours } from "./search.js";
import { searchLayout } from "./search-layout.js";
import { searchable } from "./searchable.js";
import { trainingNeighbours } from "./training-neighbours.js";

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
      const found = nearestNeighbours(points, set, k);
      const [squares, indices, differences] = [found.squares, found.indices(), found.differences()];
      const result = await runGraph(
        { points, indices, squares, differences },
        { x: { dtype: "float32", shape: [20, columns], data: fresh } },
      );
      const queries = result.points!.data as Float32Array;
      const rows = result.indices!.data as BigInt64Array;
      for (let i = 0; i < 20; i++) {
        const query = queries.subarray(i * columns, (i + 1) * columns);
        const nearest = (result.squares!.data as Float32Array).subarray(i * k, (i + 1) * k);
        expectClose(nearest, sortedSquares(query, set.points, columns).slice(0, k));
        for (let j = 0; j < columns; j++) {
          const coordinate = set.points[Number(rows[i * k]!) * columns + j]!;
          expect((result.differences!.data as Float32Array)[i * k * columns + j]).toBe(
            Math.fround(coordinate - query[j]!),
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

describe("buildCells", () => {
  it.each([
    [1000, 3, 4],
    [37, 2, 3],
    [4096, 5, 5],
  ])("puts each of %d points in one of the cells, within its box", (count, columns, levels) => {
    const set = pointSet(clusteredRows(count, columns), columns);
    const cells = buildCells(set, levels);
    expect(cells.count).toBe(2 ** levels);
    const seen = new Set<number>();
    for (let place = 0; place < cells.order.length; place++) {
      const cell = Math.floor(place / cells.size);
      const point = cells.points.subarray(place * columns, (place + 1) * columns);
      const isLeftOver = point[0]! > 2 * coordinateLimit(columns);
      if (isLeftOver) continue;
      const row = cells.order[place]!;
      seen.add(row);
      expect([...point]).toEqual([...set.points.subarray(row * columns, (row + 1) * columns)]);
      for (let j = 0; j < columns; j++) {
        expect(point[j]).toBeGreaterThanOrEqual(cells.low[cell * columns + j]!);
        expect(point[j]).toBeLessThanOrEqual(cells.high[cell * columns + j]!);
      }
    }
    expect(seen.size).toBe(count);
  });
});

describe("search through cells", () => {
  const searchOf = (set: PointSet, k: number) => {
    const points = toPoints(input("x", [symbol("N"), set.columns], "float64"), set);
    const found = nearestNeighbours(points, set, k);
    const { squares } = found;
    const outputs = { points, squares, indices: found.indices(), differences: found.differences() };
    const model = emitModel({ outputs });
    return (data: Float64Array) =>
      runModel(model, { x: { dtype: "float64", shape: [data.length / set.columns, set.columns], data } });
  };

  /** Values of which many repeat and a few are extreme. */
  const drawn = (count: number, seed: number, name: string) => {
    const stream = randomStream(seed, name);
    const extremes = [1e30, -1e30, 1e6, 1e-30];
    return Float64Array.from({ length: count }, () => {
      const kind = stream.uniform();
      if (kind < 0.6) return 3 * stream.normal();
      return kind < 0.99 ? stream.integer(5) - 2 : extremes[stream.integer(4)]!;
    });
  };

  it("finds what sorting all distances finds: any points, with duplicates, ties and extremes", async () => {
    const setting = fc.record({
      columns: fc.integer({ min: 1, max: 4 }),
      k: fc.integer({ min: 1, max: 5 }),
      levels: fc.integer({ min: 2, max: 4 }),
      count: fc.integer({ min: 160, max: 400 }),
      fresh: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ columns, k, levels, count, fresh, seed }) => {
        const set = pointSet(drawn(count * columns, seed, "train"), columns);
        const search = searchOf({ ...set, cells: buildCells(set, levels) }, k);
        const result = await search(drawn(fresh * columns, seed, "fresh"));
        const queries = result.points!.data as Float32Array;
        const squares = result.squares!.data as Float32Array;
        const indices = result.indices!.data as Int32Array;
        for (let i = 0; i < fresh; i++) {
          const query = queries.subarray(i * columns, (i + 1) * columns);
          const expected = sortedSquares(query, set.points, columns).slice(0, k);
          const rows = [...indices.subarray(i * k, (i + 1) * k)];
          expect(new Set(rows).size).toBe(k);
          rows.forEach((row, j) => {
            const point = set.points.subarray(row * columns, (row + 1) * columns);
            const [own] = sortedSquares(query, point, columns);
            const found = squares[i * k + j]!;
            // Squares of what lies below 1e-19 vanish in single precision.
            const least = 2 ** -126;
            expect(Math.abs(found - own!)).toBeLessThanOrEqual(1e-5 * own! + least);
            // Products, from the middle of a cell, lose digits of what is far from it.
            const slack = 1e-6 * Math.hypot(...query) ** 2 + least;
            expect(Math.abs(found - expected[j]!)).toBeLessThanOrEqual(1e-5 * expected[j]! + slack);
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  it("gives a row the same alone as among others, to the last bit", async () => {
    const columns = 3;
    const set = pointSet(clusteredRows(4000, columns), columns);
    const search = searchOf({ ...set, cells: buildCells(set, 5) }, 7);
    const data = Float64Array.from(clusteredRows(300, columns, "fresh"));
    const all = await search(data);
    for (let i = 0; i < 300; i += 37) {
      const one = await search(data.subarray(i * columns, (i + 1) * columns));
      expect(one.squares!.data).toEqual(all.squares!.data.slice(7 * i, 7 * (i + 1)));
      expect(one.differences!.data).toEqual(all.differences!.data.slice(21 * i, 21 * (i + 1)));
    }
  });

  it("searches twins by the thousand, and no rows at all", async () => {
    const rows = Float64Array.from({ length: 3000 }, (_, i) => (i < 2000 ? 1 : i));
    const set = pointSet(rows, 1);
    const search = searchOf({ ...set, cells: buildCells(set, 4) }, 3);
    const { squares, indices } = await search(Float64Array.of(1, 2500));
    expect([...(squares!.data as Float32Array)].slice(0, 3)).toEqual([0, 0, 0]);
    expect([...(indices!.data as Int32Array)][3]).toBe(2500);
    expect((await search(new Float64Array(0))).squares!.shape).toEqual([0, 3]);
  });

  it("is used for many points of few columns, whatever the machine", () => {
    expect(searchable(pointSet(clusteredRows(20_000, 3), 3), 5).cells?.count).toBe(32);
    expect(searchable(pointSet(clusteredRows(1500, 3), 3), 5).cells).toBeUndefined();
    const stream = randomStream(1, "wide");
    const wide = Float32Array.from({ length: 8000 * 40 }, () => stream.normal());
    expect(searchable(pointSet(wide, 40), 5).cells).toBeUndefined();
    // Wide, but of two dimensions.
    const plane = Float64Array.from({ length: 5000 * 40 }, (_, at) => {
      const [row, column] = [Math.floor(at / 40), at % 40];
      return Math.sin(row) * (1 + column) + Math.cos(2.3 * row) * (column % 7);
    });
    expect(searchable(pointSet(plane, 40), 5).cells?.count).toBe(8);
  });

  it("sees the same in the WebAssembly build", async () => {
    const set = pointSet(clusteredRows(3000, 2), 2);
    const points = input("x", [symbol("N"), 2]);
    const { squares } = nearestNeighbours(points, { ...set, cells: buildCells(set, 4) }, 4);
    const model = emitModel({ outputs: { squares } });
    const x = { dtype: "float32", shape: [60, 2], data: clusteredRows(60, 2, "fresh") } as const;
    web.env.wasm.numThreads = 1;
    const inNode = await runModel(model, { x });
    const inWeb = await runModel(model, { x }, web as never);
    expectClose(inWeb.squares!.data as Float32Array, inNode.squares!.data as Float32Array);
  });
});

describe("trainingNeighbours", () => {
  const plain = pointSet(clusteredRows(5000, 4), 4);
  const set = { ...plain, cells: buildCells(plain, 3) };

  it("finds the same by products and through cells", async () => {
    const products = await trainingNeighbours(plain, 6);
    const cells = await trainingNeighbours(set, 6);
    expectClose(products.squares, cells.squares, 1e-4);
    let different = 0;
    for (let i = 0; i < cells.indices.length; i++) if (cells.indices[i] !== products.indices[i]) different++;
    expect(different).toBeLessThan(10);
  });

  it("leaves a point out of its own neighbours, many duplicates or not", async () => {
    const twins = pointSet(new Float32Array(300).fill(2), 3);
    for (const some of [twins, { ...twins, cells: buildCells(twins, 2) }]) {
      const { indices, squares } = await trainingNeighbours(some, 4);
      expect(squares.every((square) => square === 0)).toBe(true);
      for (let i = 0; i < indices.length; i++) expect(indices[i]).not.toBe(Math.floor(i / 4));
    }
  });

  it.each(["products", "cells"] as const)(
    "tells progress up to 1 and stops when aborted: %s",
    async (method) => {
      const parts: number[] = [];
      const some = method === "cells" ? set : plain;
      await trainingNeighbours(some, 3, { onProgress: (part) => parts.push(part) });
      expect(parts.at(-1)).toBe(1);
      expect(parts).toEqual([...parts].sort((a, b) => a - b));
      const aborter = new AbortController();
      const onProgress = () => aborter.abort(new Error("enough"));
      const many = pointSet(clusteredRows(60_000, 4), 4);
      const large = method === "cells" ? { ...many, cells: buildCells(many, 4) } : many;
      await expect(trainingNeighbours(large, 3, { onProgress, signal: aborter.signal })).rejects.toThrow(
        "enough",
      );
    },
  );
});
