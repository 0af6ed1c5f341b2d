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
  type Tensor,
  take,
  where,
} from "@surprisal/engine";

type Values = Float32Array | Float64Array;

/** Knots of several columns, one column's after the other. */
interface Knots<V extends Values = Values> {
  /** Distinct values, rising within a column. */
  readonly knots: V;
  /** The number of knots of each column, each at least 1. */
  readonly knotCounts: Int32Array;
}

/** A step function for each column: {@link stepValues} and {@link pointStepValues} look them up. */
export interface StepFunctions<V extends Values = Values> extends Knots<V> {
  /** The value on each step, one column's after the other. */
  readonly steps: Float32Array;
}

const integers = (values: Int32Array | readonly number[]) =>
  constant(Int32Array.from(values), [values.length], "int32");

/** Places in front of each column's table, when the tables lie one after the other. */
function offsets(lengths: Int32Array): Int32Array {
  const starts = new Int32Array(lengths.length);
  for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!;
  return starts;
}

/** x and the knots as one dtype. Throws a `TypeError` where the width or the dtype differs. */
function sameKind(x: Tensor, { knots, knotCounts }: Knots) {
  const dtype: FloatDType = knots instanceof Float64Array ? "float64" : "float32";
  if (x.dtype !== dtype || x.shape.length !== 2 || x.shape[1] !== knotCounts.length) {
    throw new TypeError(
      `fitted on ${dtype} [N, ${knotCounts.length}], got ${x.dtype} ${formatShape(x.shape)}`,
    );
  }
  return { x: x as Tensor<FloatDType>, knots: constant<FloatDType>(knots, [knots.length], dtype) };
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

/**
 * The step of each value of x [N, D] as float32 [N, D], where a column of m knots has m + 1 steps:
 * below the first knot, from it up to (not including) the next, ..., from the last on.
 * Throws a `TypeError` where the width or the dtype differs.
 */
export function stepValues(x: Tensor, functions: StepFunctions): Tensor<"float32"> {
  const { knotCounts, steps } = functions;
  const same = sameKind(x, functions);
  const found = countAtOrBelow(same.x, same.knots, knotCounts);
  return take(constant(steps), add(found, integers(offsets(knotCounts.map((count) => count + 1)))));
}

/**
 * The step of each value of x [N, D] as float32 [N, D], where a column of m knots has 2m + 1 steps:
 * below the first knot, at it, between it and the next, at that, ..., above the last.
 * Throws a `TypeError` where the width or the dtype differs.
 */
export function pointStepValues(x: Tensor, functions: StepFunctions): Tensor<"float32"> {
  const { knotCounts, steps } = functions;
  const same = sameKind(x, functions);
  const found = countAtOrBelow(same.x, same.knots, knotCounts);
  // Step 2k is between knots k and k + 1, step 2k - 1 is at knot k.
  const nearest = take(same.knots, add(maximum(sub(found, 1), 0), integers(offsets(knotCounts))));
  const isAtKnot = equal(nearest as Tensor<NumericDType>, same.x as Tensor<NumericDType>);
  const stepOffsets = integers(offsets(knotCounts.map((count) => 2 * count + 1)));
  return take(constant(steps), add(sub(mul(found, 2), cast(isAtKnot, "int32")), stepOffsets));
}
