import { randomStream } from "@surprisal/engine/random";
import { SurprisalError } from "../errors.js";

export interface UmapOptions {
  /** Seed of the stream "umap". */
  readonly seed: number;
  /** Neighbours whose distances the plane is to keep (15); fewer where there are fewer rows. */
  readonly neighbours?: number;
  /** How close points may lie in the plane (0.1). */
  readonly minimumDistance?: number;
  readonly signal?: AbortSignal;
}

/**
 * Places rows in the plane so that near ones stay near (McInnes, Healy & Melville 2018, UMAP). Distances
 * between groups mean little. The same seed gives the same plane.
 * @param codes row-major `[rows, dimensions]`
 * @returns `x[i]`, `y[i]` of every row
 * @throws SurprisalError for fewer than 4 rows, or codes that do not fill rows
 */
export async function umapPlane(
  codes: ArrayLike<number>,
  dimensions: number,
  { seed, neighbours = 15, minimumDistance = 0.1, signal }: UmapOptions,
): Promise<{ x: Float64Array; y: Float64Array }> {
  const count = codes.length / dimensions;
  if (!Number.isInteger(count) || count < 4) {
    throw new SurprisalError(
      `${codes.length} numbers are no 4 or more rows of ${dimensions}; a map needs these.`,
    );
  }
  const rows = Array.from({ length: count }, (_, row) =>
    Array.from({ length: dimensions }, (_, j) => codes[row * dimensions + j]!),
  );
  const stream = randomStream(seed, "umap");
  // Loaded when a map is drawn: nothing else needs it.
  const { UMAP } = await import("umap-js");
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(neighbours, count - 1),
    minDist: minimumDistance,
    random: () => stream.uniform(),
  });
  const placed = await umap.fitAsync(rows, () => signal?.aborted !== true);
  signal?.throwIfAborted();
  return {
    x: Float64Array.from(placed, ([x]) => x!),
    y: Float64Array.from(placed, ([, y]) => y!),
  };
}
