import type { TreeEnsembleAttributes } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { floorFloat32 } from "../../numeric/index.js";
import { averagePathLength } from "./path-length.js";
import { randomState, sampleWithoutReplacement, xorShift } from "./random-state.js";

export interface IsolationForestOptions {
  /** Number of trees, 1 or more. Default 100. */
  readonly trees?: number;
  /** Rows drawn for each tree without replacement, 2 or more; all rows where there are fewer. Default 256. */
  readonly sampleSize?: number;
  /** Share of the features that each tree may split on, in (0, 1]; at least one. Default 1. */
  readonly maxFeatures?: number;
  /** An integer in [0, 2³²): scikit-learn's `random_state`. Default 0. */
  readonly seed?: number;
}

export interface IsolationForest {
  /** A leaf's value is its depth plus `averagePathLength` of the rows in it; trees are averaged. */
  readonly ensemble: TreeEnsembleAttributes;
  /** Rows that each tree was grown from. */
  readonly sampleSize: number;
}

function requireInteger(option: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new SurprisalError(
      `isolationForest: ${option} is ${value}; it must be an integer of at least ${least}`,
    );
  }
}

/** The largest draw of a tree's generator, below which scikit-learn's seeds lie. */
const LARGEST_DRAW = 2 ** 31 - 1;

/**
 * Grows an isolation forest (Liu, Ting & Zhou 2008, algorithms 1 and 2) on `rows`, [n, columns]
 * row-major and finite. A node splits on a feature drawn uniformly from those that vary within it,
 * at a threshold drawn uniformly between their minimum and maximum, down to depth
 * ⌈log2(sampleSize)⌉.
 *
 * These are the trees of scikit-learn's `IsolationForest(random_state=seed)`, which draws the same
 * rows, features and thresholds, but for two liberties: a feature counts as varying however small
 * its range is (scikit-learn: above 1e-7), so that the unit of a column does not matter, and rows
 * of double precision are not rounded to single.
 *
 * Thresholds of single-precision rows are rounded down to float32, which sends every float32 value
 * the same way.
 *
 * Throws a `SurprisalError` where an option is out of range or there are fewer than two rows.
 */
export function fitIsolationForest(
  rows: Float32Array | Float64Array,
  columns: number,
  { trees = 100, sampleSize = 256, maxFeatures = 1, seed = 0 }: IsolationForestOptions = {},
): IsolationForest {
  requireInteger("trees", trees, 1);
  requireInteger("sampleSize", sampleSize, 2);
  if (!(maxFeatures > 0 && maxFeatures <= 1)) {
    throw new SurprisalError(`isolationForest: maxFeatures is ${maxFeatures}; it must be in (0, 1]`);
  }
  const count = rows.length / columns;
  if (!(count >= 2)) {
    throw new SurprisalError(
      `isolationForest: needs at least 2 rows with a feature, got ${Math.floor(count) || 0}`,
    );
  }

  const sampled = Math.min(sampleSize, count);
  const depthLimit = Math.ceil(Math.log2(sampled));
  const featuresPerTree = Math.max(1, Math.floor(maxFeatures * columns));
  const treeSeeds = randomState(seed);

  const capacity = trees * (2 * sampled - 1);
  const roots = new Int32Array(trees);
  const feature = new Int32Array(capacity);
  const isSingle = rows instanceof Float32Array;
  const threshold = isSingle ? new Float32Array(capacity) : new Float64Array(capacity);
  const left = new Int32Array(capacity);
  const right = new Int32Array(capacity);
  const value = isSingle ? new Float32Array(capacity) : new Float64Array(capacity);
  const leafLength = Float64Array.from({ length: sampled + 1 }, (_, leaf) => averagePathLength(leaf));

  // Places of a tree's features. In a node, those of features that are constant in it come first, in
  // the order in which they were found, which its subtrees share.
  const features = new Uint32Array(featuresPerTree);
  const constants = new Uint32Array(featuresPerTree);
  const swap = (i: number, j: number) => {
    const item = features[i]!;
    features[i] = features[j]!;
    features[j] = item;
  };

  // Nodes still to grow, five numbers each: node, first and end place in rowOrder, depth, and how
  // many features are known to be constant.
  const pending = new Int32Array(5 * (depthLimit + 2));
  let used = 0;

  for (let tree = 0; tree < trees; tree++) {
    const treeSeed = treeSeeds.integer(LARGEST_DRAW);
    const bag = randomState(treeSeed);
    const columnOf = sampleWithoutReplacement(columns, featuresPerTree, bag);
    const rowOrder = sampleWithoutReplacement(count, sampled, bag);
    const draw = xorShift(randomState(randomState(treeSeed).integer(LARGEST_DRAW)).integer(LARGEST_DRAW));
    for (let i = 0; i < featuresPerTree; i++) features[i] = i;

    roots[tree] = used;
    pending.set([used++, 0, sampled, 0, 0]);
    let top = 5;

    while (top > 0) {
      top -= 5;
      const node = pending[top]!;
      const start = pending[top + 1]!;
      const end = pending[top + 2]!;
      const depth = pending[top + 3]!;
      const known = pending[top + 4]!;

      let chosen = -1;
      let low = 0;
      let high = 0;
      // Known constants drawn, which go to the front, and others found, which join them.
      let met = 0;
      let constant = known;
      if (depth < depthLimit && end - start > 1) {
        while (chosen < 0 && constant < featuresPerTree) {
          let place = met + (draw() % (featuresPerTree - (constant - known) - met));
          if (place < known) {
            swap(met++, place);
            continue;
          }
          place += constant - known;
          const candidate = columnOf[features[place]!]!;
          low = Number.POSITIVE_INFINITY;
          high = Number.NEGATIVE_INFINITY;
          for (let i = start; i < end; i++) {
            const x = rows[rowOrder[i]! * columns + candidate]!;
            if (x < low) low = x;
            if (x > high) high = x;
          }
          if (low < high) {
            chosen = candidate;
            swap(place, featuresPerTree - 1);
          } else swap(place, constant++);
        }
        features.set(constants.subarray(0, known));
        constants.set(features.subarray(known, constant), known);
      }

      if (chosen < 0) {
        feature[node] = -1;
        value[node] = depth + leafLength[end - start]!;
        continue;
      }

      const part = draw();
      const step = ((high - low) * part) / LARGEST_DRAW;
      const fits = step < Number.POSITIVE_INFINITY;
      const exact = fits ? low + step : low + part * (high / LARGEST_DRAW - low / LARGEST_DRAW);
      const drawn = isSingle ? floorFloat32(exact) : exact;
      // The maximum itself would leave the right side empty.
      const split = drawn < high ? drawn : low;
      let middle = start;
      let last = end - 1;
      while (middle <= last) {
        const row = rowOrder[middle]!;
        if (rows[row * columns + chosen]! <= split) middle++;
        else {
          rowOrder[middle] = rowOrder[last]!;
          rowOrder[last--] = row;
        }
      }

      feature[node] = chosen;
      threshold[node] = split;
      left[node] = used;
      right[node] = used + 1;
      pending[top++] = used + 1;
      pending[top++] = middle;
      pending[top++] = end;
      pending[top++] = depth + 1;
      pending[top++] = constant;
      pending[top++] = used;
      pending[top++] = start;
      pending[top++] = middle;
      pending[top++] = depth + 1;
      pending[top++] = constant;
      used += 2;
    }
  }

  return {
    ensemble: {
      roots,
      feature: feature.slice(0, used),
      threshold: threshold.slice(0, used),
      left: left.slice(0, used),
      right: right.slice(0, used),
      value: value.slice(0, used),
      aggregate: "average",
    },
    sampleSize: sampled,
  };
}
