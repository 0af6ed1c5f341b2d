import { SurprisalError } from "../../errors.js";
import { columnMeans, type OutsideSpan, whitening, wideCovariance } from "../../numeric/index.js";
import { fitScaling } from "../../preprocess/index.js";
import { ledoitWolfShrinkage, shrinkCovariance } from "./ledoit-wolf.js";

/** An ellipsoid: |(x - mean) W|² is the squared Mahalanobis distance of a row x. */
export interface Ellipsoid {
  readonly mean: Float64Array;
  /** W, [columns, columns] row-major. */
  readonly matrix: Float64Array;
  /** The number of directions in which the training rows vary. */
  readonly rank: number;
}

export interface MahalanobisOptions {
  /** Default "none". */
  readonly shrinkage?: "none" | "ledoitWolf";
  /** Default "count". */
  readonly outsideSpan?: OutsideSpan;
}

/** A deviation that is not above this part of the mean is rounding noise. */
const CONSTANT = 1e-12;

/**
 * The deviation of each column over all rows, 1 for a constant one: the unit in which a robust
 * estimate that finds no deviation at all is measured.
 */
export function columnUnits(rows: Float64Array, columns: number): Float64Array {
  const count = rows.length / columns;
  const values = new Float64Array(count);
  return Float64Array.from({ length: columns }, (_, j) => {
    for (let i = 0; i < count; i++) values[i] = rows[i * columns + j]!;
    return fitScaling(values, "standard").scale;
  });
}

/** The same from the mean and the covariance of all rows. */
function unitsOf(mean: Float64Array, covariance: Float64Array): Float64Array {
  return mean.map((center, j) => {
    const deviation = Math.sqrt(covariance[j * mean.length + j]!);
    return deviation > CONSTANT * Math.abs(center) ? deviation : 1;
  });
}

/** Throws a `SurprisalError` unless there are two rows of at least one feature. */
export function requireRows(detector: string, rows: Float64Array, columns: number): void {
  const count = columns > 0 ? rows.length / columns : 0;
  if (!(count >= 2)) {
    throw new SurprisalError(`${detector}: needs at least 2 rows with a feature, got ${Math.floor(count)}`);
  }
}

/**
 * The Gaussian of the training rows: their mean and covariance (divided by n), shrunk where asked.
 * `rows` is [n, columns] row-major and finite. Rejects with a `SurprisalError` for fewer than two rows.
 */
export async function fitMahalanobis(
  rows: Float64Array,
  columns: number,
  { shrinkage = "none", outsideSpan = "count" }: MahalanobisOptions = {},
): Promise<Ellipsoid & { readonly shrinkage: number }> {
  requireRows("mahalanobis", rows, columns);
  const mean = columnMeans(rows, columns);
  const empirical = await wideCovariance(rows, columns, mean);
  const part = shrinkage === "none" ? 0 : ledoitWolfShrinkage(rows, columns, mean, empirical);
  const covariance = part === 0 ? empirical : shrinkCovariance(empirical, columns, part);
  return {
    mean,
    ...whitening(covariance, unitsOf(mean, empirical), outsideSpan),
    shrinkage: part,
  };
}
