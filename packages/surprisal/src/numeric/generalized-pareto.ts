/** A generalized Pareto distribution of y > 0: P(Y > y) = (1 + ξ y / σ)^(-1/ξ), exp(-y / σ) for ξ = 0. */
export interface GeneralizedPareto {
  /** ξ: above 0 the tail is heavy, at 0 exponential, below 0 it ends at -σ / ξ. */
  readonly shape: number;
  /** σ > 0, in the units of y. */
  readonly scale: number;
}

/** Smallest distance to the end of the support, relative to the largest value, that is tried. */
const NEAREST_END = 1e-12;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Place of the maximum of a function with one maximum between `low` and `high`. */
function goldenSection(value: (at: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  let left = b - GOLDEN * (b - a);
  let right = a + GOLDEN * (b - a);
  let [atLeft, atRight] = [value(left), value(right)];
  for (let step = 0; step < 60; step++) {
    if (atLeft >= atRight) {
      [b, right, atRight] = [right, left, atLeft];
      left = b - GOLDEN * (b - a);
      atLeft = value(left);
    } else {
      [a, left, atLeft] = [left, right, atRight];
      right = a + GOLDEN * (b - a);
      atRight = value(right);
    }
  }
  return (a + b) / 2;
}

/** `count` numbers from `from` to `to`, each the same multiple of the one before. */
function geometric(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
}

/**
 * The generalized Pareto distribution of greatest likelihood for positive, finite excesses, of which
 * there is at least one, by Grimshaw's (1993) reduction to one unknown θ = ξ / σ: given θ the best
 * shape is ξ = mean log(1 + θ y). Below ξ = -1 the likelihood has no bound, so ξ ≥ -1.
 */
export function fitGeneralizedPareto(excesses: ArrayLike<number>): GeneralizedPareto {
  const rows = excesses.length;
  let mean = 0;
  for (let i = 0; i < rows; i++) mean += excesses[i]! / rows;
  const y = Float64Array.from(excesses, (excess) => excess / mean);
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const value of y) {
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }

  // log1p keeps its relative precision at 0, so that the exponential limit needs no series.
  const scaleAt = (theta: number): number => {
    if (theta === 0) return 1;
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += Math.log1p(theta * y[i]!);
    return sum / rows / theta;
  };
  const likelihoodAt = (theta: number): number => {
    const scale = scaleAt(theta);
    return -Math.log(scale) - theta * scale - 1;
  };
  const nearEnd = (distance: number): number => -(1 - distance) / largest;

  // ξ rises with θ: the smallest distance to the end of the support with ξ ≥ -1.
  let [refused, nearest] = [NEAREST_END, 1];
  const isRefused = (distance: number) => nearEnd(distance) * scaleAt(nearEnd(distance)) < -1;
  if (isRefused(refused)) {
    for (let step = 0; step < 60; step++) {
      const middle = Math.sqrt(refused * nearest);
      if (isRefused(middle)) refused = middle;
      else nearest = middle;
    }
  } else nearest = refused;

  // No stationary point lies beyond Grimshaw's bound.
  const bound = Math.max(1e-2, (2 * (1 - smallest)) / smallest ** 2);
  const finest = 1e-3;
  const places = [
    ...geometric(nearest, 1, 48).slice(0, -1).map(nearEnd),
    0,
    ...geometric(finest, bound, 2 + Math.ceil(6 * Math.log10(bound / finest))),
  ];
  const likelihoods = places.map(likelihoodAt);
  let best = 0;
  for (let i = 1; i < places.length; i++) if (likelihoods[i]! > likelihoods[best]!) best = i;
  const low = places[Math.max(0, best - 1)]!;
  const high = places[Math.min(places.length - 1, best + 1)]!;
  const refined = goldenSection(likelihoodAt, low, high);
  const theta = likelihoodAt(refined) >= likelihoods[best]! ? refined : places[best]!;
  // At ξ = -1, where the reduction does not hold, the uniform distribution up to the largest fits best.
  if (likelihoodAt(theta) < -Math.log(largest)) return { shape: -1, scale: largest * mean };
  const scale = scaleAt(theta);
  return { shape: theta * scale, scale: scale * mean };
}
