import {
  add,
  cast,
  clip,
  constant,
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
  // Entry 0 of a projection's table is below its bins, entry `bins + 1` above them.
  const first = new Float64Array(projections);
  for (let p = 1; p < projections; p++) first[p] = first[p - 1]! + bins[p - 1]! + 2;
  const last = first.map((start, p) => start + bins[p]! + 1);
  const vector = (values: Float64Array) => constant(values, [projections], "float64");
  const place = add(
    matmul(near, constant(weights, [columns, projections], "float64")),
    vector(offsets.map((offset, p) => offset + first[p]! + 1)),
  );
  // The conversion cuts off what is behind the point, and no place is negative.
  const entry = cast(minimum(maximum(place, vector(first)), vector(last)), "int32");
  const found = take(constant(surprises), entry);
  // In float64 the order of summation, which differs between runtimes, does not show in the score.
  return cast(mean(cast(found, "float64"), { axis: 1 }), "float32");
}
