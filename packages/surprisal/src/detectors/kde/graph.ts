import {
  add,
  cast,
  clip,
  constant,
  cos,
  div,
  equal,
  formatShape,
  less,
  log,
  logSumExp,
  matmul,
  max,
  mul,
  neg,
  pad,
  relu,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from "@surprisal/engine";
import { saturateFloat32 } from "../../numeric/index.js";
import { isCompact, type Kernel, logNormalizer } from "./kernel.js";

/** A weighted sum of kernels on training rows. */
export interface KernelDensity {
  readonly kernel: Kernel;
  readonly bandwidth: number;
  /** [n, columns] row-major. */
  readonly rows: Float64Array;
  readonly columns: number;
  /** One a row, above 0, adding up to 1; all equal when absent. */
  readonly weights?: Float64Array;
}

type Values = Tensor<"float64">;

/** Coordinates are limited to this, so that squared distances stay in the range of float64. */
const FARTHEST = 1e140;

/** Elements of one intermediate value that stay in the cache. */
const CACHED = 1 << 18;

/**
 * A value of every column, from the middle of the rows. Taken off both sides before squares are
 * subtracted; a value that occurs, so that differences of whole numbers stay whole.
 */
function middleOf(rows: Float64Array, columns: number): Float64Array {
  const count = rows.length / columns;
  const column = new Float64Array(count);
  return Float64Array.from({ length: columns }, (_, j) => {
    for (let i = 0; i < count; i++) column[i] = rows[i * columns + j]!;
    return column.sort()[count >> 1]!;
  });
}

/**
 * [columns + 1, n]: the training rows as columns, and below them a constant of each. The product with
 * [x, 1] is x·t plus the row's constant, in one pass.
 */
function productTable(
  rows: Float64Array,
  columns: number,
  middle: Float64Array,
  scale: number,
  last: (square: number, row: number) => number,
): Values {
  const count = rows.length / columns;
  const table = new Float64Array((columns + 1) * count);
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let j = 0; j < columns; j++) {
      const value = rows[i * columns + j]! - middle[j]!;
      table[j * count + i] = scale * value;
      square += value * value;
    }
    table[columns * count + i] = last(square, i);
  }
  return constant(table, [columns + 1, count], "float64");
}

/** log Σ_i w_i K(|x - t_i| / h) of a compact kernel; below any value it can have, and falling with the distance, where it is 0. */
function compactLogSum(
  kernel: Kernel,
  squares: Values,
  bandwidth: number,
  weights: Values | undefined,
  leastWeight: number,
): Values {
  const u = div(squares, bandwidth * bandwidth);
  const isInside = less(u, 1);
  let values: Values;
  if (kernel === "tophat") values = cast(isInside, "float64");
  else if (kernel === "epanechnikov") values = relu(sub(1, u) as Values);
  else if (kernel === "linear") values = relu(sub(1, sqrt(u)) as Values);
  else values = where(isInside, cos(mul(sqrt(u), Math.PI / 2) as Values), 0);
  const total = sum(weights ? mul(values, weights) : values, { axis: 1 });
  // The smallest value a kernel takes is 2^-53, the distance of 1 to its lower neighbour.
  const nearest = neg(max(neg(u), { axis: 1 }));
  const beyond = sub(Math.log(leastWeight) - 53 * Math.LN2, sub(sqrt(nearest), 1)) as Values;
  const isOutside = equal(total, 0);
  return where(isOutside, beyond, log(where(isOutside, 1, total)));
}

/**
 * -log of a kernel density estimate at every row of x, float64 [N, columns], as [N]. In double
 * precision throughout: squared distances are differences of squares.
 *
 * Where a compact kernel reaches no training row the density is 0; the score is then
 * -log(2^-53 w / norm) + |x - t| / h - 1, with w the least weight (1/n) and t the nearest row: above
 * any score with a density, and growing with the distance.
 */
export function kernelDensityGraph(
  x: Tensor,
  { kernel, bandwidth, rows, columns, weights }: KernelDensity,
): { readonly score: Tensor<"float32">; readonly elementsPerRow: number } {
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  const count = rows.length / columns;
  const middle = middleOf(rows, columns);
  const point = clip(sub(x as Values, constant(middle, [columns], "float64")), -FARTHEST, FARTHEST);
  const withOne = pad(
    point,
    [
      [0, 0],
      [0, 1],
    ],
    1,
  );
  const norm = sum(square(point), { axis: 1, keepDims: true });
  const products = (scale: number, last: (square: number, row: number) => number) =>
    matmul(withOne, productTable(rows, columns, middle, scale, last));

  let logSum: Values;
  if (kernel === "gaussian") {
    // |x|² is common to all terms, and comes off after the sum.
    const unit = 2 * bandwidth * bandwidth;
    const logWeight = (row: number) => (weights ? Math.log(weights[row]!) : 0);
    const exponents = products(2 / unit, (square, row) => logWeight(row) - square / unit);
    logSum = sub(logSumExp(exponents, { axis: 1 }), div(sum(norm, { axis: 1 }), unit)) as Values;
  } else {
    // |x - t|² = |x|² - (2 x·t - |t|²)
    const squares = relu(
      sub(
        norm,
        products(2, (square) => -square),
      ) as Values,
    );
    const row = weights && constant(weights, [1, count], "float64");
    if (isCompact(kernel)) {
      const least = weights ? weights.reduce((a, b) => Math.min(a, b)) : 1;
      logSum = compactLogSum(kernel, squares, bandwidth, row, least);
    } else {
      const exponents = div(sqrt(squares), -bandwidth);
      logSum = logSumExp((row ? add(exponents, log(row)) : exponents) as Values, { axis: 1 });
    }
  }
  const total = weights ? 0 : Math.log(count);
  const score = sub(total + logNormalizer(kernel, columns, bandwidth), logSum) as Values;
  return {
    score: saturateFloat32(score),
    elementsPerRow: Math.max(count, Math.min(16 * count, CACHED)),
  };
}
