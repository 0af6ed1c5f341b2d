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
  // Normal rows from the front, anomalies from the back.
  const rows = new Uint32Array(rowCount);
  let normalCount = 0;
  let anomalyCount = 0;
  if (labels) {
    for (let i = 0; i < rowCount; i++) {
      const label = Number(labels[i]);
      if (label !== 0 && label !== 1) {
        throw new SurprisalError(`the label of row ${i} is ${labels[i]}; use 0 (normal) or 1 (anomaly)`);
      }
      rows[label ? rowCount - ++anomalyCount : normalCount++] = i;
    }
  } else {
    while (normalCount < rowCount) rows[normalCount] = normalCount++;
  }
  const normals = rows.subarray(0, normalCount);
  const held = heldOut === 0 ? 0 : Math.max(1, Math.round(normals.length * heldOut));
  if (normals.length - held < 2) {
    const how = labels ? " that are not labelled as anomalies" : "";
    const calibration = held > 0 ? ` (${held} of them held out for calibration)` : "";
    throw new SurprisalError(
      `there are ${normals.length} rows${how}${calibration}; at least two must remain to learn from`,
    );
  }
  const anomalies = rows.slice(normalCount).reverse();
  if (held === 0) return { training: normals, calibration: new Uint32Array(0), anomalies };
  const isHeld = new Uint8Array(normals.length);
  const order = randomStream(seed, "calibration").choice(normals.length, held);
  for (const position of order) isHeld[position] = 1;
  const training = new Uint32Array(normalCount - held);
  const calibration = new Uint32Array(held);
  for (let i = 0, learned = 0; i < normalCount; i++) {
    if (isHeld[i]) calibration[i - learned] = normals[i]!;
    else training[learned++] = normals[i]!;
  }
  return { training, calibration, anomalies };
}

/**
 * Splits rows labelled as anomalies into those a supervised detector learns from and those held out,
 * at least one of each where there are two.
 */
export function splitAnomalies(
  anomalies: Uint32Array,
  heldOut: number,
  seed: number,
): { readonly learned: Uint32Array; readonly held: Uint32Array } {
  const count = anomalies.length;
  const held = heldOut === 0 ? 0 : Math.min(Math.max(0, count - 1), Math.max(1, Math.round(count * heldOut)));
  const isHeld = new Uint8Array(count);
  if (held > 0) {
    for (const position of randomStream(seed, "calibration/anomalies").choice(count, held)) {
      isHeld[position] = 1;
    }
  }
  const choose = (wanted: number) => anomalies.filter((_, i) => isHeld[i] === wanted);
  return { learned: choose(0), held: choose(1) };
}
