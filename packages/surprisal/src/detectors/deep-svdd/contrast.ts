import { abs, add, div, maximum, mean, mul, sub, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/** The least and the largest value of the training images after {@link globalContrast}. */
export interface ContrastRange {
  readonly low: number;
  readonly high: number;
}

/** Divisors of images without contrast. */
const LEAST_CONTRAST = 1e-6;

/** Global contrast normalisation in L1: each row of x [B, width] has mean 0 and mean absolute value 1. */
export function globalContrast(x: Float): Float {
  const moved = sub(x, mean(x, { axis: -1, keepDims: true }));
  return div(moved, maximum(mean(abs(moved), { axis: -1, keepDims: true }), LEAST_CONTRAST));
}

/** Rows after global contrast normalisation, so that the training rows' values run from 0 to 1. */
export function contrasted(x: Float, { low, high }: ContrastRange): Float {
  const span = high > low ? high - low : 1;
  return add(mul(globalContrast(x), 1 / span), -low / span);
}
