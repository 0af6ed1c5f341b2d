import {
  add,
  concat,
  constant,
  div,
  expandDims,
  matmul,
  min,
  mul,
  pad,
  reshape,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  topK,
  transpose,
} from "@surprisal/engine";
import { coordinateLimit, type PointSet } from "./point-set.js";

export interface NeighboursOf {
  /** int64 [N, k]: the row of each neighbour in the point set, nearest first. */
  readonly indices: Tensor<"int64">;
  /** float32 [N, k]: squared distances, in the units of the point set. */
  readonly squares: Tensor<"float32">;
  /** Coordinates of the neighbours minus those of the row, [N, k, columns]. */
  readonly differences: Tensor<"float32">;
}

/** How the points are laid out for the search. */
export interface SearchLayout {
  /** Points of one cell: the search first keeps the nearest point of each. */
  readonly cellSize: number;
  /** Cells of one matrix product. */
  readonly cellsPerProduct: number;
  readonly products: number;
  /** Cells whose points are compared exactly. */
  readonly candidates: number;
  /** Elements of the largest intermediate value for one row. */
  readonly elementsPerRow: number;
}

/** Columns of one product: with some hundred rows its result stays in the cache. */
const PRODUCT_WIDTH = 4096;

/** Comparing a gathered coordinate costs about so many times an element of the last selection. */
const GATHER_COST = 5;

/** Bounds the rows of a call, so that a product stays in the cache. */
const CACHE_FACTOR = 8;

/** More cells than neighbours, against the rounding of the first distances. */
const spare = (k: number): number => 4 + (k >> 2);

export function searchLayout(count: number, columns: number, k: number): SearchLayout {
  const wanted = k + spare(k);
  const best = Math.sqrt(count / (GATHER_COST * wanted * columns));
  const cellSize = Math.max(1, Math.min(64, Math.round(best)));
  const cells = Math.ceil(count / cellSize);
  const products = Math.ceil((cells * cellSize) / PRODUCT_WIDTH);
  const cellsPerProduct = Math.ceil(cells / products);
  const candidates = Math.min(products * cellsPerProduct, wanted);
  return {
    cellSize,
    cellsPerProduct,
    products,
    candidates,
    elementsPerRow: Math.max(
      columns,
      products * cellsPerProduct,
      CACHE_FACTOR * cellsPerProduct * cellSize,
      candidates * cellSize * columns,
    ),
  };
}

/**
 * The points of one product, [cellsPerProduct · cellSize, columns + 1], each followed by its squared
 * norm. What is left at the end is filled with points farther than any other.
 */
function productPoints({ points, count, columns }: PointSet, first: number, width: number): Float32Array {
  const rows = new Float32Array(width * (columns + 1));
  for (let i = 0; i < width; i++) {
    const to = i * (columns + 1);
    if (first + i >= count) {
      rows[to] = 4 * coordinateLimit(columns);
      rows[to + columns] = rows[to]! ** 2;
      continue;
    }
    let norm = 0;
    for (let j = 0; j < columns; j++) {
      const value = points[(first + i) * columns + j]!;
      rows[to + j] = value;
      norm += value * value;
    }
    rows[to + columns] = norm;
  }
  return rows;
}

/**
 * The k nearest points of every row of x [N, columns], exact up to float32, for k in 1..count: x is
 * in the units of the point set (`toPoints`). Of equal distances any may come first.
 *
 * First |y|² - 2x·y, which orders the points as their distance from x does, by matrix products;
 * of each cell of points the smallest. The k nearest points lie in the k cells with the smallest
 * minima. The points of these cells, and of a few more, are then compared by the differences of
 * their coordinates: the first form loses near duplicates to cancellation.
 */
export function nearestNeighbours(x: Tensor<"float32">, set: PointSet, k: number): NeighboursOf {
  const { columns } = set;
  const [rows] = x.shape;
  const layout = searchLayout(set.count, columns, k);
  const { cellSize, cellsPerProduct, products, candidates } = layout;
  const width = cellSize * cellsPerProduct;
  const queries = pad(
    mul(x, -2),
    [
      [0, 0],
      [0, 1],
    ],
    1,
  );
  const tables: Tensor<"float32">[] = [];
  const minima: Tensor<"float32">[] = [];
  for (let product = 0; product < products; product++) {
    const table = constant(productPoints(set, product * width, width), [width, columns + 1]);
    const distances = matmul(queries, transpose(table));
    tables.push(table);
    // Point i of cell c lies at i · cellsPerProduct + c: minima are then taken of whole vectors.
    const byCell = reshape(distances, [rows!, cellSize, cellsPerProduct]);
    minima.push(cellSize === 1 ? distances : min(byCell, { axis: 1 }));
  }
  const nearestCells = topK(joined(minima, 1), candidates, { largest: false }).indices;
  const members = membersOf(nearestCells, layout);

  const coordinates = slice(joined(tables, 0), { 1: { start: 0, end: columns } });
  const differences = sub(take(coordinates, members), expandDims(x, 1));
  const nearest = topK(sum(square(differences), { axis: 2 }), k, { largest: false });
  const indices = takeAlongAxis(members, nearest.indices, 1);
  return {
    indices,
    squares: nearest.values,
    differences: sub(take(coordinates, indices), expandDims(x, 1)),
  };
}

function joined(parts: readonly Tensor<"float32">[], axis: number): Tensor<"float32"> {
  return parts.length === 1 ? parts[0]! : concat(parts, axis);
}

/** int64 [N, candidates · cellSize]: the points of the cells [N, candidates]. */
function membersOf(
  cells: Tensor<"int64">,
  { cellSize, cellsPerProduct, products, candidates }: SearchLayout,
): Tensor<"int64"> {
  if (cellSize === 1) return cells;
  const skipped = cellsPerProduct * (cellSize - 1);
  const first = products === 1 ? cells : add(cells, mul(div(cells, cellsPerProduct), skipped));
  const steps = BigInt64Array.from({ length: cellSize }, (_, i) => BigInt(i * cellsPerProduct));
  const members = add(expandDims(first, 2), constant(steps, [cellSize], "int64"));
  return reshape(members, [cells.shape[0]!, candidates * cellSize]);
}
