import { SurprisalError } from "../errors.js";

export type KernelName = "rbf" | "linear";

/** How wide the RBF kernel is: a number, or a rule; see {@link resolveGamma}. */
export type Gamma = number | "scale" | "auto";

/** Rows [count, columns], row-major, and the kernel between them. */
export interface KernelRows {
  readonly kernel: KernelName;
  /** Of the RBF kernel exp(-gamma |x - y|²). */
  readonly gamma: number;
  readonly rows: Float64Array;
  readonly count: number;
  readonly columns: number;
}

/**
 * gamma as scikit-learn has it: "scale" is 1 / (columns · variance of all values), 1 where they are
 * all alike, "auto" is 1 / columns.
 */
function resolveGamma(gamma: Gamma, rows: Float64Array, columns: number): number {
  if (gamma === "auto") return 1 / columns;
  if (gamma !== "scale") return gamma;
  let mean = 0;
  for (let i = 0; i < rows.length; i++) mean += (rows[i]! - mean) / (i + 1);
  let variance = 0;
  for (let i = 0; i < rows.length; i++) variance += (rows[i]! - mean) ** 2 / rows.length;
  return variance > 0 ? 1 / (columns * variance) : 1;
}

/** The rows with their kernel. Throws a `SurprisalError` for fewer than two rows. */
export function kernelRows(
  detector: string,
  rows: Float64Array,
  columns: number,
  { kernel, gamma }: { readonly kernel: KernelName; readonly gamma: Gamma },
): KernelRows {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 2)) {
    throw new SurprisalError(`${detector}: needs at least 2 rows with a feature, got ${Math.floor(count)}`);
  }
  return { kernel, gamma: resolveGamma(gamma, rows, columns), rows, count, columns };
}

/** K(x_i, x_i) of every row. */
export function kernelDiagonal({ kernel, rows, count, columns }: KernelRows): Float64Array {
  const diagonal = new Float64Array(count).fill(1);
  if (kernel === "rbf") return diagonal;
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let j = 0; j < columns; j++) square += rows[i * columns + j]! ** 2;
    diagonal[i] = square;
  }
  return diagonal;
}

/** K(x, x_t) of the row that begins at `from` in `source` to every row t, into `target`. */
export function fillKernelRow(
  { kernel, gamma, rows, count, columns }: KernelRows,
  source: Float64Array,
  from: number,
  target: Float32Array | Float64Array,
): void {
  for (let t = 0, at = 0; t < count; t++, at += columns) {
    let total = 0;
    if (kernel === "linear") {
      for (let j = 0; j < columns; j++) total += source[from + j]! * rows[at + j]!;
      target[t] = total;
    } else {
      // Differences first: |x|² - 2xy + |y|² would lose near duplicates far from the origin.
      for (let j = 0; j < columns; j++) {
        const difference = source[from + j]! - rows[at + j]!;
        total += difference * difference;
      }
      target[t] = Math.exp(-gamma * total);
    }
  }
}

/**
 * Rows of the kernel matrix by their number, each computed when asked for and kept while there is
 * room: those not used for longest leave. A row is valid until as many others were asked for as fit.
 */
export function kernelCache(of: KernelRows, bytes: number): (row: number) => Float64Array {
  const room = Math.max(2, Math.floor(bytes / (8 * of.count)));
  const kept = new Map<number, Float64Array>();
  return (row) => {
    let values = kept.get(row);
    if (values) {
      // A map keeps the order of insertion: the first is the one not used for longest.
      kept.delete(row);
    } else {
      if (kept.size < room) values = new Float64Array(of.count);
      else {
        const [oldest, buffer] = kept.entries().next().value!;
        kept.delete(oldest);
        values = buffer;
      }
      fillKernelRow(of, of.rows, row * of.columns, values);
    }
    kept.set(row, values);
    return values;
  };
}
