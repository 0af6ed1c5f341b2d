import { SurprisalError } from "../errors.js";

export interface SelectOptions {
  /** The part of the selected rows that may be normal, on average; in (0, 1). */
  readonly fdr: number;
}

/** How often each p-value occurs: conformal ones take few values, however many rows there are. */
export type PValueCounts = ReadonlyMap<number, number>;

/** Adds p-values to the counts. Throws a `SurprisalError` for one that is not in (0, 1]. */
export function countPValues(
  pValues: ArrayLike<number>,
  counts: Map<number, number> = new Map(),
): Map<number, number> {
  for (let row = 0; row < pValues.length; row++) {
    const p = pValues[row]!;
    if (!(p > 0 && p <= 1)) {
      throw new SurprisalError(`the p-value of row ${row} is ${p}; p-values lie above 0 and up to 1`);
    }
    counts.set(p, (counts.get(p) ?? 0) + 1);
  }
  return counts;
}

/**
 * The largest p-value that is selected, 0 where none is: the largest p for which at least a part
 * p / fdr of all p-values are no larger (Benjamini & Hochberg 1995).
 */
export function selectionLimit(counts: PValueCounts, { fdr }: SelectOptions): number {
  if (!(fdr > 0 && fdr < 1)) throw new SurprisalError(`fdr is ${fdr}; it must lie between 0 and 1`);
  let total = 0;
  for (const count of counts.values()) total += count;
  let limit = 0;
  let noLarger = 0;
  for (const [p, count] of [...counts].sort(([a], [b]) => a - b)) {
    noLarger += count;
    if (p <= (fdr * noLarger) / total) limit = p;
  }
  return limit;
}

/**
 * Which rows to call anomalies so that, on average, at most a part `fdr` of those is normal: the
 * step-up procedure of Benjamini & Hochberg 1995 on the rows' conformal p-values. These depend on
 * each other through the calibration rows, positively, and the bound still holds (Bates et al. 2023,
 * theorem 2), if calibration rows and normal rows are exchangeable.
 *
 * The choice is made among all the rows at once: a row's answer depends on the others. With n
 * calibration rows no p-value is below 1 / (n + 1), so that of m rows at least m / (fdr (n + 1)) are
 * selected, or none.
 *
 * @param pValues one a row, in (0, 1]
 * @throws SurprisalError for an `fdr` outside (0, 1), or a p-value outside (0, 1].
 */
export function select(pValues: ArrayLike<number>, options: SelectOptions): boolean[] {
  const limit = selectionLimit(countPValues(pValues), options);
  return Array.from(pValues, (p) => p <= limit);
}
