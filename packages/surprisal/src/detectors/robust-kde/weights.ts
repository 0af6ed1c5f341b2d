import { quantile } from "../../thresholds/index.js";

/** How the weight of a row falls with its distance r from the estimate. */
export type RobustLoss = "huber" | "hampel";

/** Where the losses bend: quantiles of the distances from the estimate of least absolute loss. */
export interface Bends {
  /** Up to here rows count in full: the median. */
  readonly a: number;
  /** Hampel: from here weights fall faster, the 75 % quantile. */
  readonly b: number;
  /** Hampel: from here rows count nothing, the 95 % quantile. */
  readonly c: number;
}

/** ψ(r) / r of the loss: what a row at distance r counts in the next step. */
export function lossWeight(loss: RobustLoss, { a, b, c }: Bends, r: number): number {
  if (r <= a) return 1;
  if (loss === "huber" || r <= b) return a / r;
  return r < c ? (a * (c - r)) / ((c - b) * r) : 0;
}

/** K w for the symmetric matrix whose lower triangle is packed by rows. */
export function packedProduct(packed: Float64Array, weights: Float64Array): Float64Array {
  const result = new Float64Array(weights.length);
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    let total = 0;
    for (let j = 0; j < i; j++, at++) {
      const value = packed[at]!;
      total += value * weights[j]!;
      result[j]! += value * weight;
    }
    result[i]! += total + packed[at++]! * weight;
  }
  return result;
}

/** |Φ(t_i) - f| in the kernel's Hilbert space, for f = Σ w_j Φ(t_j) and a kernel that is 1 at 0. */
function distancesFrom(packed: Float64Array, weights: Float64Array): Float64Array {
  const product = packedProduct(packed, weights);
  const norm = product.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return product.map((value) => Math.sqrt(Math.max(0, 1 - 2 * value + norm)));
}

export interface Reweighting {
  readonly weights: Float64Array;
  readonly iterations: number;
}

export interface ReweightingOptions {
  /** Ends when the loss changes by less than this part of itself. */
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly pause: () => Promise<void>;
}

/** Iteratively reweighted least squares: w_i ∝ weightAt(|Φ(t_i) - f|), until the mean loss settles. */
async function reweight(
  packed: Float64Array,
  start: Float64Array,
  weightAt: (distance: number) => number,
  lossAt: (distance: number) => number,
  { tolerance, maxIterations, pause }: ReweightingOptions,
): Promise<Reweighting> {
  let weights = start;
  let before = Number.POSITIVE_INFINITY;
  for (let iteration = 1; ; iteration++) {
    const distances = distancesFrom(packed, weights);
    const loss = distances.reduce((sum, r) => sum + lossAt(r) / distances.length, 0);
    if (Math.abs(before - loss) <= tolerance * loss || iteration > maxIterations) {
      return { weights, iterations: iteration - 1 };
    }
    const next = distances.map(weightAt);
    const total = next.reduce((sum, weight) => sum + weight, 0);
    weights = next.map((weight) => weight / total);
    before = loss;
    await pause();
  }
}

/** ∫₀^r ψ. */
export function lossValue(loss: RobustLoss, { a, b, c }: Bends, r: number): number {
  if (r <= a) return (r * r) / 2;
  if (loss === "huber") return a * r - (a * a) / 2;
  const linear = (x: number) => a * x - (a * a) / 2;
  if (r <= b) return linear(r);
  const end = Math.min(r, c);
  const fall = c > b ? (a * ((c - b) ** 2 - (c - end) ** 2)) / (2 * (c - b)) : 0;
  return linear(b) + fall;
}

/**
 * The weights of a robust kernel density estimate (Kim & Scott 2012): f = Σ w_i Φ(t_i) minimises the
 * mean of ρ(|Φ(t_i) - f|). First for the absolute loss, whose distances set the bends a, b, c; then
 * for the loss asked for, starting there. ψ is taken of each row's own distance.
 *
 * `packed` is the lower triangle of the kernel matrix, 1 on its diagonal. O(n²) an iteration.
 */
export async function robustWeights(
  packed: Float64Array,
  count: number,
  loss: RobustLoss,
  options: ReweightingOptions,
): Promise<Reweighting & { readonly bends: Bends }> {
  const equal = new Float64Array(count).fill(1 / count);
  // A row at the estimate itself would have infinite weight.
  const inverse = (r: number) => 1 / Math.max(r, 1e-12);
  const absolute = await reweight(packed, equal, inverse, (r) => r, options);
  const distances = distancesFrom(packed, absolute.weights);
  const bends = { a: quantile(distances, 0.5), b: quantile(distances, 0.75), c: quantile(distances, 0.95) };
  const weightAt = (r: number) => lossWeight(loss, bends, r);
  const lossAt = (r: number) => lossValue(loss, bends, r);
  const { weights, iterations } = await reweight(packed, absolute.weights, weightAt, lossAt, options);
  return { weights, bends, iterations: absolute.iterations + iterations };
}
