import {
  add,
  cast,
  constant,
  equal,
  type FloatDType,
  formatShape,
  lessEqual,
  maximum,
  minimum,
  mul,
  type NumericDType,
  sub,
  sum,
  type Tensor,
  take,
  where,
} from "@surprisal/engine";
import type { Ecod } from "./fit.js";

const integers = (values: Int32Array | readonly number[]) =>
  constant(Int32Array.from(values), [values.length], "int32");

/** Places in front of each column's table, when the tables lie one after the other. */
function offsets(lengths: Int32Array): Int32Array {
  const starts = new Int32Array(lengths.length);
  for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!;
  return starts;
}

/**
 * The number of knots of column d that are ≤ x[:, d], int32 [N, D]. A binary search over all
 * columns at once; their tables have lengths of their own, which keeps a file with one continuous
 * column among many categories small.
 */
function countAtOrBelow(
  x: Tensor<FloatDType>,
  knots: Tensor<FloatDType>,
  knotCounts: Int32Array,
): Tensor<"int32"> {
  const counts = integers(knotCounts);
  // The last of the first k knots of a column is at its offset + k - 1.
  const before = integers(offsets(knotCounts).map((start) => start - 1));
  let found: Tensor<"int32"> = integers([0]);
  for (let step = 2 ** Math.floor(Math.log2(Math.max(...knotCounts))); step >= 1; step /= 2) {
    // A step past the end asks about the last knot, and is cut back to it.
    const probe = minimum(add(found, step), counts);
    const isReached = lessEqual(take(knots, add(before, probe)), x);
    found = where(isReached, probe, found);
  }
  return found;
}

export interface EcodScores {
  /** [N], in nats, ≥ 0: the sum of the contributions. */
  readonly score: Tensor<"float32">;
  /** [N, D]: what each feature adds. */
  readonly contributions: Tensor<"float32">;
}

/**
 * The ECOD score of every row of x [N, D], and what each feature adds to it. x has the dtype of
 * the knots. Throws a `TypeError` where the width or the dtype differs.
 */
export function ecodGraph(x: Tensor, { knots, knotCounts, contributions }: Ecod): EcodScores {
  const dtype = knots instanceof Float64Array ? "float64" : "float32";
  if (x.dtype !== dtype || x.shape.length !== 2 || x.shape[1] !== knotCounts.length) {
    throw new TypeError(
      `ecod was fitted on ${dtype} [N, ${knotCounts.length}], got ${x.dtype} ${formatShape(x.shape)}`,
    );
  }
  const values = x as Tensor<FloatDType>;
  const table = constant<FloatDType>(knots, [knots.length], dtype);
  const found = countAtOrBelow(values, table, knotCounts);

  // Step 2k is between knots k and k + 1, step 2k - 1 is at knot k.
  const starts = offsets(knotCounts);
  const nearest = take(table, add(maximum(sub(found, 1), 0), integers(starts)));
  const isAtKnot = cast(equal(nearest as Tensor<NumericDType>, values as Tensor<NumericDType>), "int32");
  const stepOffsets = offsets(knotCounts.map((count) => 2 * count + 1));
  const step = add(sub(mul(found, 2), isAtKnot), integers(stepOffsets));
  const perFeature = take(constant(contributions), step);
  return { score: sum(perFeature, { axis: 1 }), contributions: perFeature };
}
