import {
  add,
  cast,
  clip,
  constant,
  lessEqual,
  matmul,
  mean,
  min,
  mul,
  reshape,
  square,
  sum,
  type Tensor,
  take,
  where,
} from "@surprisal/engine";
import type { Inne } from "./fit.js";

/** Rounding of a squared distance by way of norms, in double precision, as a part of the norms. */
const ROUNDING = 1e-14;

/** Beyond it squares would leave the range of double precision. */
const LIMIT = 2 ** 400;

/**
 * The mean isolation score of every row of x [N, columns] over the sets, as [N] in [0, 1]: of each
 * set the isolation of the smallest sphere that covers the row, 1 where none does.
 */
export function inneGraph(x: Tensor, { set, sets, sampleSize, centers, squares, isolation }: Inne) {
  const { columns, center, scale } = set;
  const rows = x.shape[0]!;
  const spheres = sets * sampleSize;
  const shift = constant(
    center.map((value) => -value),
    [columns],
    "float64",
  );
  const points = clip(mul(add(cast(x, "float64"), shift), scale), -LIMIT, LIMIT);
  // |x - c|² ≤ r² as |x|² - 2 x·c ≤ r² - |c|², in double precision, in which cancellation is harmless.
  const limits = new Float64Array(spheres);
  const minusTwice = new Float64Array(columns * spheres);
  for (let i = 0; i < spheres; i++) {
    let norm = 0;
    for (let j = 0; j < columns; j++) {
      const value = centers[i * columns + j]!;
      norm += value * value;
      minusTwice[j * spheres + i] = -2 * value;
    }
    limits[i] = squares[i]! - norm + ROUNDING * norm;
  }
  const norms = sum(square(points), { axis: 1, keepDims: true });
  const products = matmul(points, constant(minusTwice, [columns, spheres], "float64"));
  const isCovered = lessEqual(add(products, norms), constant(limits, [1, spheres], "float64"));
  // Spheres of a set rise in size: the first that covers is the smallest.
  const places = constant(
    Float32Array.from({ length: sampleSize }, (_, i) => i),
    [1, 1, sampleSize],
  );
  const first = min(where(reshape(isCovered, [rows, sets, sampleSize]), places, sampleSize), { axis: 2 });
  const width = sampleSize + 1;
  const table = new Float32Array(sets * width).fill(1);
  for (let i = 0; i < spheres; i++) {
    table[Math.floor(i / sampleSize) * width + (i % sampleSize)] = isolation[i]!;
  }
  const starts = constant(
    Int32Array.from({ length: sets }, (_, i) => i * width),
    [1, sets],
    "int32",
  );
  const scores = take(constant(table), add(cast(first, "int32"), starts));
  return { score: mean(scores, { axis: 1 }), elementsPerRow: 2 * spheres };
}
