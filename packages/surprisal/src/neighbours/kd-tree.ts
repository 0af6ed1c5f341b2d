/**
 * A k-d tree over points [count, columns]. Nodes are numbered as in a heap: the children of node i
 * are 2i + 1 and 2i + 2, and all leaves lie on one level. A node's points are `order[start … end)`.
 */
export interface KdTree {
  readonly columns: number;
  readonly levels: number;
  /** The rows in the order of the leaves. */
  readonly order: Uint32Array;
  /** Coordinates in that order. */
  readonly points: Float32Array;
  /** Smallest and largest coordinates of the points of each node, [nodes, columns]. */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

const LEAF_SIZE = 24;

/** First point of node `position` among the 2^level nodes of a level. */
const boundary = (count: number, level: number, position: number): number =>
  Math.floor((count * position) / 2 ** level);

/** Moves the smallest (by `keys`) of order[start … end) in front of place `middle`. */
function selectMiddle(order: Uint32Array, keys: Float32Array, start: number, end: number, middle: number) {
  let [left, right] = [start, end - 1];
  while (left < right) {
    const pivot = keys[order[(left + right) >> 1]!]!;
    let [i, j] = [left, right];
    while (i <= j) {
      while (keys[order[i]!]! < pivot) i++;
      while (keys[order[j]!]! > pivot) j--;
      if (i > j) break;
      const item = order[i]!;
      order[i++] = order[j]!;
      order[j--] = item;
    }
    if (middle <= j) right = j;
    else if (middle >= i) left = i;
    else return;
  }
}

/** Builds the tree: each node is halved at the median of the column in which it is widest. */
export function buildKdTree(rows: Float32Array, columns: number): KdTree {
  const count = rows.length / columns;
  const levels = Math.max(0, Math.ceil(Math.log2(count / LEAF_SIZE)));
  const nodes = 2 ** (levels + 1) - 1;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const low = new Float32Array(nodes * columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(nodes * columns).fill(Number.NEGATIVE_INFINITY);
  const keys = new Float32Array(count);
  for (let level = 0, node = 0; level <= levels; level++) {
    for (let position = 0; position < 2 ** level; position++, node++) {
      const start = boundary(count, level, position);
      const end = boundary(count, level, position + 1);
      const box = node * columns;
      for (let i = start; i < end; i++) {
        const row = order[i]! * columns;
        for (let j = 0; j < columns; j++) {
          const value = rows[row + j]!;
          if (value < low[box + j]!) low[box + j] = value;
          if (value > high[box + j]!) high[box + j] = value;
        }
      }
      if (level === levels) continue;
      let widest = 0;
      for (let j = 1; j < columns; j++) {
        if (high[box + j]! - low[box + j]! > high[box + widest]! - low[box + widest]!) widest = j;
      }
      for (let i = start; i < end; i++) keys[order[i]!] = rows[order[i]! * columns + widest]!;
      selectMiddle(order, keys, start, end, boundary(count, level + 1, 2 * position + 1));
    }
  }
  const points = new Float32Array(rows.length);
  for (let i = 0; i < count; i++) {
    const row = order[i]! * columns;
    for (let j = 0; j < columns; j++) points[i * columns + j] = rows[row + j]!;
  }
  return { columns, levels, order, points, low, high };
}

/** Neighbours of a run of points, and the work it took. */
export interface TreeNeighbours {
  /** [points of the run, k]: rows, nearest first. */
  readonly indices: Uint32Array;
  /** Their squared distances. */
  readonly squares: Float32Array;
  /** Boxes and points that were compared. */
  readonly compared: number;
}

/**
 * The k nearest other points of each of the tree's points `from`, `from + step`, … before `to`, in
 * the order of the leaves; k is less than the number of points. A point is no neighbour of its own,
 * but its duplicates are.
 */
export function treeNeighbours(tree: KdTree, k: number, from: number, to: number, step = 1): TreeNeighbours {
  const { columns, levels, order, points, low, high } = tree;
  const count = order.length;
  const queries = Math.max(0, Math.ceil((to - from) / step));
  const indices = new Uint32Array(queries * k);
  const squares = new Float32Array(queries * k);
  const bestSquares = new Float64Array(k);
  const bestIndices = new Uint32Array(k);
  const query = new Float64Array(columns);
  const firstLeaf = 2 ** levels - 1;
  const stack = new Int32Array(2 * levels + 2);
  const stackSquares = new Float64Array(2 * levels + 2);
  let compared = 0;

  /** Squared distance of the query from a node's box; stops early once it is beyond `limit`. */
  const boxSquare = (node: number, limit: number): number => {
    let total = 0;
    const box = node * columns;
    for (let j = 0; j < columns; j++) {
      const value = query[j]!;
      const below = low[box + j]! - value;
      const beyond = below > 0 ? below : value - high[box + j]!;
      if (beyond > 0) {
        total += beyond * beyond;
        if (total >= limit) return total;
      }
    }
    return total;
  };

  for (let i = from, at = 0; i < to; i += step, at++) {
    for (let j = 0; j < columns; j++) query[j] = points[i * columns + j]!;
    bestSquares.fill(Number.POSITIVE_INFINITY);
    let worst = Number.POSITIVE_INFINITY;
    let top = 0;
    stack[0] = 0;
    stackSquares[0] = 0;
    while (top >= 0) {
      const square = stackSquares[top]!;
      const node = stack[top--]!;
      if (square >= worst) continue;
      if (node < firstLeaf) {
        const left = 2 * node + 1;
        const a = boxSquare(left, worst);
        const b = boxSquare(left + 1, worst);
        compared += 2;
        // The nearer child goes on top.
        const isLeftNearer = a <= b;
        const farther = isLeftNearer ? b : a;
        if (farther < worst) {
          stack[++top] = isLeftNearer ? left + 1 : left;
          stackSquares[top] = farther;
        }
        stack[++top] = isLeftNearer ? left : left + 1;
        stackSquares[top] = isLeftNearer ? a : b;
        continue;
      }
      const start = boundary(count, levels, node - firstLeaf);
      const end = boundary(count, levels, node - firstLeaf + 1);
      compared += end - start;
      for (let p = start; p < end; p++) {
        let total = 0;
        const point = p * columns;
        for (let j = 0; j < columns; j++) {
          const difference = query[j]! - points[point + j]!;
          total += difference * difference;
        }
        if (total >= worst || p === i) continue;
        let place = k - 1;
        while (place > 0 && bestSquares[place - 1]! > total) {
          bestSquares[place] = bestSquares[place - 1]!;
          bestIndices[place] = bestIndices[place - 1]!;
          place--;
        }
        bestSquares[place] = total;
        bestIndices[place] = order[p]!;
        worst = bestSquares[k - 1]!;
      }
    }
    indices.set(bestIndices, at * k);
    squares.set(bestSquares, at * k);
  }
  return { indices, squares, compared };
}
