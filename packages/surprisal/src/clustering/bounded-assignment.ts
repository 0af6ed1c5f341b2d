import { moveRow, type Sums } from "./cluster-sums.js";
import { squareDistance } from "./square-distance.js";

/** For each centre the longest move of any other. */
function largestOfOthers(moves: Float64Array): Float64Array {
  let [most, second] = [0, 0];
  for (const move of moves) {
    if (move > most) [most, second] = [move, most];
    else if (move > second) second = move;
  }
  return moves.map((move) => (move === most ? second : most));
}

/** Half of the distance of each centre from the nearest other one: rows closer than that stay. */
function halfGaps(centers: Float64Array, columns: number): Float64Array {
  const clusters = centers.length / columns;
  const gaps = new Float64Array(clusters).fill(Number.POSITIVE_INFINITY);
  for (let a = 0; a < clusters; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let j = 0; j < columns; j++)
        square += (centers[a * columns + j]! - centers[b * columns + j]!) ** 2;
      const half = Math.sqrt(square) / 2;
      gaps[a] = Math.min(gaps[a]!, half);
      gaps[b] = Math.min(gaps[b]!, half);
    }
  }
  return gaps;
}

/** Each row's cluster, and bounds on its distances from the centres (Hamerly 2010). */
export interface Assignment {
  readonly labels: Uint32Array;
  /** At most so far is a row's own centre. */
  readonly own: Float64Array;
  /** At least so far is any other. */
  readonly other: Float64Array;
}

/** The nearest centre of a row, whose distance and that of the next one become its bounds. */
function nearestCenter(
  rows: Float32Array,
  row: number,
  columns: number,
  centers: Float64Array,
  { own, other }: Assignment,
): number {
  let label = 0;
  let first = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let center = 0; center * columns < centers.length; center++) {
    const square = squareDistance(rows, row, centers, center, columns);
    if (square < first) {
      second = first;
      first = square;
      label = center;
    } else if (square < second) second = square;
  }
  own[row] = Math.sqrt(first);
  other[row] = Math.sqrt(second);
  return label;
}

/** Assigns rows to the nearest of centres that have moved; bounds skip those that cannot change cluster. Returns how many do. */
export function reassignByBounds(
  rows: Float32Array,
  columns: number,
  assignment: Assignment,
  centers: Float64Array,
  moves: Float64Array,
  sums: Sums,
): number {
  const { labels, own, other } = assignment;
  const approaches = largestOfOthers(moves);
  const safe = halfGaps(centers, columns);
  let changed = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const near = own[i]! + moves[label]!;
    const far = other[i]! - approaches[label]!;
    own[i] = near;
    other[i] = far;
    const bound = Math.max(far, safe[label]!);
    if (near < bound) continue;
    own[i] = Math.sqrt(squareDistance(rows, i, centers, label, columns));
    if (own[i]! < bound) continue;
    const nearest = nearestCenter(rows, i, columns, centers, assignment);
    if (nearest === label) continue;
    moveRow(rows, i, sums, labels, nearest, columns);
    changed++;
  }
  return changed;
}
