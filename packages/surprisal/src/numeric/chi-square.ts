import { regularizedGamma } from "./gamma.js";

/** The chi-square distribution function with `degrees` degrees of freedom, at x. */
export function chiSquareCdf(x: number, degrees: number): number {
  return regularizedGamma(degrees / 2, x / 2);
}

/** The x with `chiSquareCdf(x, degrees) = probability`, for a probability in [0, 1]; Infinity for 1. */
export function chiSquareQuantile(probability: number, degrees: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return Number.POSITIVE_INFINITY;
  let high = degrees + 1;
  while (chiSquareCdf(high, degrees) < probability) high *= 2;
  let low = 0;
  // Bisection to neighbouring numbers: monotone, no derivative, 60 steps or so.
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (chiSquareCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return high;
}
