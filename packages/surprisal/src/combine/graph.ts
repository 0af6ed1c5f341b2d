import { concat, constant, max, mean, slice, sort, type Tensor, take } from "@surprisal/engine";
import { saturateFloat32 } from "../numeric/index.js";
import type { combinationMethods } from "./methods.js";

/** The median of the members' scores: for an even number the mean of the two in the middle. */
function medianOf(scores: Tensor<"float64">, members: number): Tensor<"float64"> {
  const middle = (members - 1) >> 1;
  const range = { start: middle, end: members - middle };
  return mean(slice(sort(scores, { axis: 1 }), { 1: range }), { axis: 1 });
}

function ofBuckets(
  scores: Tensor<"float64">,
  buckets: readonly (readonly number[])[],
  within: (bucket: Tensor<"float64">) => Tensor<"float64">,
): Tensor<"float64"> {
  const parts = buckets.map((bucket) =>
    within(take(scores, constant(Int32Array.from(bucket), [bucket.length], "int32"), 1)),
  );
  return concat(parts, 1);
}

/** One score a row, [N], of the members' scores [N, members] on a common scale. */
export function combinationGraph(
  scores: Tensor<"float64">,
  method: (typeof combinationMethods)[number],
  buckets: readonly (readonly number[])[],
): Tensor<"float32"> {
  const members = scores.shape[1] as number;
  const combined = () => {
    switch (method) {
      case "average":
        return mean(scores, { axis: 1 });
      case "maximum":
        return max(scores, { axis: 1 });
      case "median":
        return medianOf(scores, members);
      case "averageOfMaximum":
        return mean(
          ofBuckets(scores, buckets, (bucket) => max(bucket, { axis: 1, keepDims: true })),
          { axis: 1 },
        );
      case "maximumOfAverage":
        return max(
          ofBuckets(scores, buckets, (bucket) => mean(bucket, { axis: 1, keepDims: true })),
          { axis: 1 },
        );
    }
  };
  return saturateFloat32(combined());
}
