import { smallestIndices } from "../numeric/index.js";

/** minimise ½ |Σ a_i φ_i|² + Σ p_i a_i over 0 ≤ a_i ≤ 1 / total with Σa = 1. */
export interface FeatureProblem {
  /** φ, [count, width] row-major. */
  readonly features: Float32Array;
  readonly width: number;
  /** p; zero where left out. */
  readonly linear?: Float64Array;
  readonly total: number;
  /** The duality gap that is left, as a part of the objective's curvature. */
  readonly tolerance: number;
  readonly iterations: number;
}

export interface FeatureSolution {
  /** Σ a_i φ_i. */
  readonly weights: Float64Array;
  /** The multiplier of Σa = 1: the gradient of the last row that has its full share. */
  readonly rho: number;
  readonly iterations: number;
  readonly converged: boolean;
}

interface Corner {
  /** Σ a_i φ_i and Σ a_i p_i where all weight is on the rows with the smallest gradient. */
  readonly weights: Float64Array;
  readonly linear: number;
  /** The largest gradient among them. */
  readonly rho: number;
}

/** The corner of the feasible set that lies farthest down the gradient. */
function lowestCorner({ features, width, linear, total }: FeatureProblem, gradient: Float64Array): Corner {
  const taken = Math.max(1, Math.min(gradient.length, Math.ceil(total)));
  const lowest = smallestIndices(gradient, taken);
  let last = lowest[0]!;
  for (const i of lowest) if (gradient[i]! > gradient[last]!) last = i;
  const weights = new Float64Array(width);
  let sum = 0;
  for (const i of lowest) {
    const share = (i === last ? total - (taken - 1) : 1) / total;
    for (let j = 0; j < width; j++) weights[j]! += share * features[i * width + j]!;
    if (linear) sum += share * linear[i]!;
  }
  return { weights, linear: sum, rho: gradient[last]! };
}

/**
 * Frank & Wolfe 1956 with exact steps. An iteration costs one pass over the features, and the
 * duality gap comes with it; for many rows described by few features.
 */
export async function solveFeatures(problem: FeatureProblem, signal?: AbortSignal): Promise<FeatureSolution> {
  const { features, width, linear, tolerance } = problem;
  const count = features.length / width;
  const gradient = linear ? linear.slice() : new Float64Array(count);
  let { weights, linear: value } = lowestCorner({ ...problem, total: count }, gradient);
  for (let iteration = 1; ; iteration++) {
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    for (let i = 0, at = 0; i < count; i++, at += width) {
      let product = linear ? linear[i]! : 0;
      for (let j = 0; j < width; j++) product += features[at + j]! * weights[j]!;
      gradient[i] = product;
    }
    const corner = lowestCorner(problem, gradient);
    let gap = value - corner.linear;
    let length = 0;
    let norm = 0;
    for (let j = 0; j < width; j++) {
      const difference = weights[j]! - corner.weights[j]!;
      gap += weights[j]! * difference;
      length += difference * difference;
      norm += weights[j]! ** 2;
    }
    const converged = gap <= tolerance * norm || length === 0;
    if (converged || iteration === problem.iterations) {
      return { weights, rho: corner.rho, iterations: iteration, converged };
    }
    const step = Math.min(1, gap / length);
    weights = weights.map((weight, j) => weight + step * (corner.weights[j]! - weight));
    value += step * (corner.linear - value);
  }
}
