import { randomStream } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { type PointSet, pointSet } from "../../neighbours/index.js";

export interface Inne {
  readonly set: Omit<PointSet, "points" | "count">;
  readonly sets: number;
  readonly sampleSize: number;
  /** Centres of the spheres, [sets · sampleSize, columns], in each set by rising radius. */
  readonly centers: Float64Array;
  /** Their squared radii. */
  readonly squares: Float64Array;
  /** The isolation score of a row whose smallest covering sphere it is, in [0, 1). */
  readonly isolation: Float32Array;
}

/** PyOD adds it to squared radii, in the units of the rows, so that duplicates have a ratio. */
const EPSILON = Number.EPSILON;

/**
 * Spheres around the rows `picks[set]` (Bandaragoda et al. 2018): each reaches to its nearest
 * neighbour in the set. Its isolation is 1 minus the ratio of the neighbour's squared radius to its
 * own, so that spheres in sparse places have a high one.
 */
export function spheresAround(set: PointSet, picks: readonly ArrayLike<number>[]): Inne {
  const { points, columns, scale } = set;
  const sampleSize = picks[0]!.length;
  const centers = new Float64Array(picks.length * sampleSize * columns);
  const squares = new Float64Array(picks.length * sampleSize);
  const isolation = new Float32Array(picks.length * sampleSize);
  const floor = EPSILON * scale * scale;
  picks.forEach((rows, at) => {
    const nearest = Array.from(rows, (a, i) => {
      let best = { neighbour: i, square: Number.POSITIVE_INFINITY };
      for (let other = 0; other < sampleSize; other++) {
        if (other === i) continue;
        const b = rows[other]!;
        let square = 0;
        for (let j = 0; j < columns; j++)
          square += (points[a * columns + j]! - points[b * columns + j]!) ** 2;
        if (square < best.square) best = { neighbour: other, square };
      }
      return best;
    });
    const order = nearest.map((_, i) => i).sort((a, b) => nearest[a]!.square - nearest[b]!.square || a - b);
    order.forEach((i, place) => {
      const to = at * sampleSize + place;
      const row = rows[i]!;
      for (let j = 0; j < columns; j++) centers[to * columns + j] = points[row * columns + j]!;
      const { neighbour, square } = nearest[i]!;
      squares[to] = square;
      isolation[to] = 1 - (nearest[neighbour]!.square + floor) / (square + floor);
    });
  });
  return { set, sets: picks.length, sampleSize, centers, squares, isolation };
}

export interface InneOptions {
  readonly sets: number;
  readonly sampleSize: number;
  /** Seed of the stream "inne". */
  readonly seed: number;
}

/**
 * Draws the sets, each `sampleSize` rows without replacement, all rows where there are fewer.
 * Throws a `SurprisalError` for fewer than two rows.
 */
export function fitInne(rows: Float32Array | Float64Array, columns: number, options: InneOptions): Inne {
  const set = pointSet(rows, columns);
  if (set.count < 2) throw new SurprisalError(`inne: needs at least 2 rows, got ${set.count}`);
  const stream = randomStream(options.seed, "inne");
  const size = Math.min(options.sampleSize, set.count);
  // Drawn one by one: a permutation of all rows for each set would take longer than the rest.
  const draw = () => {
    const rows = new Set<number>();
    while (rows.size < size) rows.add(stream.integer(set.count));
    return [...rows];
  };
  const drawAll = () => [...stream.choice(set.count, size)];
  const isSparse = size * 4 < set.count;
  return spheresAround(
    set,
    Array.from({ length: options.sets }, () => (isSparse ? draw() : drawAll())),
  );
}
