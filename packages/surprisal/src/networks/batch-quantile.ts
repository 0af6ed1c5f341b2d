import { add, mul, slice, sort, squeeze, staticDim, type Tensor } from "@surprisal/engine";

/**
 * The `probability` quantile (0 to 1) of x [B], B known, interpolated linearly as numpy does: [].
 * Differentiable with respect to the values between which it lies.
 */
export function batchQuantile(x: Tensor<"float32">, probability: number): Tensor<"float32"> {
  const position = probability * (staticDim(x.shape[0], "batchQuantile") - 1);
  const below = Math.floor(position);
  const sorted = sort(x);
  const at = (i: number) => squeeze(slice(sorted, { 0: { start: i, end: i + 1 } }), 0);
  if (position === below) return at(below);
  return add(mul(at(below), below + 1 - position), mul(at(below + 1), position - below));
}
