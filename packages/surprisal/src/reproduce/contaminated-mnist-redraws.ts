import { randomStream } from "@surprisal/engine";
import { takeArrayRows } from "../data/array-parts.js";
import type { NDArray } from "../data/ndarray.js";
import { type ContaminateOptions, contaminate } from "../datasets/index.js";
import type { FittedDetector } from "../detector/index.js";
import { bestF1Threshold, summarize } from "../metrics/index.js";

/** Contaminations drawn anew, and the seed of the first. */
export const REDRAWS = 20;
const FIRST_SEED = 101;

const pick = (values: ArrayLike<number>, rows: Uint32Array) => Array.from(rows, (row) => values[row]!);

/**
 * F1 of a fitted model over contaminations of the same clean images, drawn anew: one of them has about a
 * hundred anomalies, which leaves F1 uncertain by some hundredths. Each is split in its own way into a
 * quarter that sets the threshold of the best F1 and three that judge.
 * @param clean images that the model did not learn from
 * @param cleanScores the model's scores of them
 */
export async function redrawnF1(
  model: FittedDetector,
  clean: NDArray,
  cleanScores: Float32Array,
  options: Omit<ContaminateOptions, "seed">,
  signal?: AbortSignal,
): Promise<number[]> {
  const scoring = signal ? { signal } : {};
  const found: number[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + REDRAWS; seed++) {
    const { images, types, y } = contaminate(clean, { ...options, seed });
    // The others are as they were.
    const changed = Uint32Array.from([...types.keys()].filter((row) => types[row]! > 0));
    const { scores: changedScores } = await model.score(takeArrayRows(images, changed), scoring);
    const scores = cleanScores.slice();
    changed.forEach((row, i) => {
      scores[row] = changedScores[i]!;
    });
    const order = randomStream(seed, "contaminated-redraw").permutation(scores.length);
    const quarter = Math.ceil(order.length / 4);
    const [validation, test] = [order.subarray(0, quarter), order.subarray(quarter)];
    const isJudged = [validation, test].every((rows) => rows.some((row) => y[row]));
    // Of a few dozen anomalies a part may get none.
    if (!isJudged) continue;
    const { threshold } = bestF1Threshold(pick(y, validation), pick(scores, validation));
    found.push(summarize(pick(y, test), pick(scores, test), threshold).f1);
  }
  return found;
}
