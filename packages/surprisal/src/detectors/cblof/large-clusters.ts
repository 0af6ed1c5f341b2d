export interface SizeLimits {
  /** Part of the rows that large clusters hold, in (0, 1). */
  readonly alpha: number;
  /** How many times larger the smallest large cluster is than the largest small one, > 1. */
  readonly beta: number;
}

/**
 * The large clusters among clusters of the given sizes, largest first (He, Xu & Deng 2003, definition
 * 2, as PyOD reads it). In order of size, the border is put after the first cluster at which both
 * hold: the clusters so far have a part alpha of the rows, and the next one is beta times smaller.
 * Where there is none, alpha alone decides, then beta. All are large where neither holds before the
 * last cluster.
 */
export function largeClusters(sizes: ArrayLike<number>, { alpha, beta }: SizeLimits): number[] {
  const order = Array.from(sizes, (_, i) => i).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const rows = order.reduce((total, cluster) => total + sizes[cluster]!, 0);
  let held = 0;
  const places = order.slice(0, -1).map((cluster, i) => {
    held += sizes[cluster]!;
    return {
      border: i + 1,
      hasPart: held >= rows * alpha,
      isSteep: sizes[cluster]! / sizes[order[i + 1]!]! >= beta,
    };
  });
  const place =
    places.find(({ hasPart, isSteep }) => hasPart && isSteep) ??
    places.find(({ hasPart }) => hasPart) ??
    places.find(({ isSteep }) => isSteep);
  return order.slice(0, place?.border ?? order.length);
}
