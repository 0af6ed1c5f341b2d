import { REPORT_HEAD } from "./step.js";

/** Means over rows of what steps report. */
export interface Averages {
  /** Adds one step's report, unless the step was skipped. Returns whether it counted. */
  add(reports: Float32Array, step: number, rows: number): boolean;
  loss(): number;
  metrics(): Record<string, number>;
}

export function createAverages(metricNames: readonly string[]): Averages {
  const size = REPORT_HEAD + metricNames.length;
  const sums = new Float64Array(size);
  let total = 0;
  return {
    add(reports, step, rows) {
      const at = step * size;
      if (reports[at + 1] !== 1) return false;
      for (let i = 0; i < size; i++) sums[i]! += rows * reports[at + i]!;
      total += rows;
      return true;
    },
    loss: () => sums[0]! / total,
    metrics: () => Object.fromEntries(metricNames.map((name, i) => [name, sums[REPORT_HEAD + i]! / total])),
  };
}
