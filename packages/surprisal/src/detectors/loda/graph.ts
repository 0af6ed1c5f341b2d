import {
  add,
  cast,
  clip,
  constant,
  floor,
  formatShape,
  matmul,
  maximum,
  mean,
  minimum,
  type Tensor,
  take,
} from "@surprisal/engine";
import type { Loda } from "./fit.js";

/** Values are limited to this, so that sums of their multiples stay in the range of float64. */
const FARTHEST = 1e140;

/**
 * The LODA score of every row of x, float64 [N, D], in nats. Throws a `TypeError` where the width or
 * the dtype differs.
 */
export function lodaGraph(x: Tensor, { weights, offsets, bins, surprises }: Loda): Tensor<"float32"> {
  const projections = bins.length;
  const columns = weights.length / projections;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`loda was fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  const near = clip(x as Tensor<"float64">, -FARTHEST, FARTHEST);
  const place = add(
    matmul(near, constant(weights, [columns, projections], "float64")),
    constant(offsets, [projections], "float64"),
  );
  // Entry 0 of a projection's table is below its bins, entry `bins + 1` above them.
  const tops = constant(Float64Array.from(bins), [projections], "float64");
  const entry = cast(add(minimum(maximum(floor(place), -1), tops), 1), "int32");
  const starts = new Int32Array(projections);
  for (let p = 1; p < projections; p++) starts[p] = starts[p - 1]! + bins[p - 1]! + 2;
  const found = take(constant(surprises), add(entry, constant(starts, [projections], "int32")));
  // In float64 the order of summation, which differs between runtimes, does not show in the score.
  return cast(mean(cast(found, "float64"), { axis: 1 }), "float32");
}
