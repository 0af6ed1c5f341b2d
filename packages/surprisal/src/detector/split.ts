import { randomStream } from "@surprisal/engine";
import { SurprisalError } from "../errors.js";

export interface RowSplit {
  /** Normal rows to learn from, in ascending order. */
  readonly training: Uint32Array;
  /** Normal rows held out. */
  readonly calibration: Uint32Array;
  /** Rows labelled as anomalies. */
  readonly anomalies: Uint32Array;
}

/**
 * Splits rows at random into those learned from and those held out, leaving labelled anomalies
 * aside. Throws a `SurprisalError` when the labels do not fit the rows, or fewer than two normal
 * rows remain to learn from.
 */
export function splitRows(
  rowCount: number,
  labels: ArrayLike<number | boolean> | undefined,
  heldOut: number,
  seed: number,
): RowSplit {
  if (labels && labels.length !== rowCount) {
    throw new SurprisalError(`there are ${labels.length} labels for ${rowCount} rows; give one label a row`);
  }
  const normals: number[] = [];
  const anomalies: number[] = [];
  for (let i = 0; i < rowCount; i++) {
    const label = labels ? Number(labels[i]) : 0;
    if (label !== 0 && label !== 1) {
      throw new SurprisalError(`the label of row ${i} is ${labels?.[i]}; use 0 (normal) or 1 (anomaly)`);
    }
    (label ? anomalies : normals).push(i);
  }
  const held = heldOut === 0 ? 0 : Math.max(1, Math.round(normals.length * heldOut));
  if (normals.length - held < 2) {
    const how = labels ? " that are not labelled as anomalies" : "";
    const calibration = held > 0 ? ` (${held} of them held out for calibration)` : "";
    throw new SurprisalError(
      `there are ${normals.length} rows${how}${calibration}; at least two must remain to learn from`,
    );
  }
  const isHeld = new Uint8Array(normals.length);
  if (held > 0) {
    const order = randomStream(seed, "calibration").choice(normals.length, held);
    for (const position of order) isHeld[position] = 1;
  }
  const choose = (wanted: number) => Uint32Array.from(normals.filter((_, i) => isHeld[i] === wanted));
  return { training: choose(0), calibration: choose(1), anomalies: Uint32Array.from(anomalies) };
}
