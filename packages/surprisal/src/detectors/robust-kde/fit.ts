import type { RandomStream } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { type BandwidthRule, type BandwidthSearch, chooseBandwidth } from "../kde/bandwidth.js";
import type { KernelDensity } from "../kde/graph.js";
import { requireRows } from "../mahalanobis/fit.js";
import { type RobustLoss, robustWeights } from "./weights.js";

/** Largest kernel matrix, in bytes: half of what a process may use. */
const MOST_BYTES = 2 ** 30;

/** The most rows whose kernel matrix fits: 16,383. */
export const MOST_ROWS = Math.floor((Math.sqrt(MOST_BYTES + 1) - 1) / 2);

export interface RobustKdeOptions {
  readonly loss: RobustLoss;
  readonly bandwidth: BandwidthRule;
  readonly search: BandwidthSearch;
  /** Rows drawn where there are more. */
  readonly sampleRows?: number | undefined;
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** The lower triangle of the Gaussian kernel matrix exp(-|t_i - t_j|² / 2h²), packed by rows. */
function gaussianMatrix(rows: Float64Array, columns: number, bandwidth: number): Float64Array {
  const count = rows.length / columns;
  const packed = new Float64Array((count * (count + 1)) / 2);
  const unit = -1 / (2 * bandwidth * bandwidth);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let square = 0;
      for (let k = 0; k < columns; k++) square += (rows[i * columns + k]! - rows[j * columns + k]!) ** 2;
      packed[at++] = Math.exp(unit * square);
    }
  }
  return packed;
}

function drawRows(rows: Float64Array, columns: number, size: number, stream: RandomStream): Float64Array {
  const chosen = stream.choice(rows.length / columns, size).sort();
  const drawn = new Float64Array(size * columns);
  chosen.forEach((row, i) => {
    drawn.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return drawn;
}

/** Throws a `SurprisalError` that names the size, unless the kernel matrix of so many rows fits. */
function requireFit(count: number): void {
  if (count <= MOST_ROWS) return;
  const gigabytes = ((4 * count * (count + 1)) / 1e9).toFixed(1);
  throw new SurprisalError(
    `robust-kde: the kernel matrix of ${count} × ${count} rows takes ${gigabytes} GB; set sampleRows (at most ${MOST_ROWS}) to learn from a part of the rows`,
  );
}

/**
 * A robust kernel density estimate of the rows, [n, columns] row-major and finite; rows of weight 0
 * are left out. Throws a `SurprisalError` for fewer than two rows, or too many.
 */
export async function fitRobustKde(
  rows: Float64Array,
  columns: number,
  { loss, bandwidth: rule, search, sampleRows, tolerance, maxIterations }: RobustKdeOptions,
  stream: RandomStream,
  pause: () => Promise<void> = async () => {},
) {
  requireRows("robust-kde", rows, columns);
  const isDrawn = sampleRows !== undefined && sampleRows < rows.length / columns;
  const used = isDrawn ? drawRows(rows, columns, sampleRows, stream) : rows;
  const count = used.length / columns;
  requireFit(count);
  const bandwidth = chooseBandwidth(rule, used, columns, "gaussian", search, stream);
  await pause();
  const packed = gaussianMatrix(used, columns, bandwidth);
  await pause();
  const { weights, iterations } = await robustWeights(packed, count, loss, {
    tolerance,
    maxIterations,
    pause,
  });
  const kept = [...weights.keys()].filter((i) => weights[i]! > 0);
  const density: KernelDensity = {
    kernel: "gaussian",
    bandwidth,
    columns,
    rows: Float64Array.from(kept.flatMap((i) => [...used.subarray(i * columns, (i + 1) * columns)])),
    weights: Float64Array.from(kept, (i) => weights[i]!),
  };
  return { density, weights, iterations, rows: count };
}
