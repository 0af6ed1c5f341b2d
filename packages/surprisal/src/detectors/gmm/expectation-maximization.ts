import { columnMeans, covarianceMatrix } from "../../numeric/index.js";
import { type CovarianceType, type Mixture, mixtureOf, responsibilitiesOf } from "./mixture.js";

export interface EmOptions {
  /** Ends when the mean log density changes by less than this, in nats. */
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly pause: () => Promise<void>;
}

/** Keeps a component without rows from dividing by 0, as in scikit-learn. */
const LEAST_SHARE = 10 * Number.EPSILON;

function columnVariances(rows: Float64Array, mean: Float64Array, weights: Float64Array, share: number) {
  const columns = mean.length;
  const variances = new Float64Array(columns);
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    for (let j = 0; j < columns; j++, at++) variances[j]! += weight * (rows[at]! - mean[j]!) ** 2;
  }
  return variances.map((value) => value / share);
}

/** What does not change between M-steps: the covariance of all rows, for tied covariances. */
export interface RowMoments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** The covariance of all rows less that of the components' means: what is left within them. */
function tiedCovariance(
  { mean, covariance }: RowMoments,
  means: readonly Float64Array[],
  shares: Float64Array,
) {
  const columns = mean.length;
  const total = shares.reduce((a, b) => a + b);
  const within = covariance.slice();
  means.forEach((center, k) => {
    const part = shares[k]! / total;
    for (let i = 0; i < columns; i++) {
      const offset = part * (center[i]! - mean[i]!);
      for (let j = 0; j < columns; j++) within[i * columns + j]! -= offset * (center[j]! - mean[j]!);
    }
  });
  return within;
}

/** The moments that M-steps for a type of covariance need. */
export function momentsFor(
  type: CovarianceType,
  rows: Float64Array,
  columns: number,
): RowMoments | undefined {
  if (type !== "tied") return undefined;
  const mean = columnMeans(rows, columns);
  return { mean, covariance: covarianceMatrix(rows, columns, mean) };
}

/** The M-step: the mixture of largest likelihood for given responsibilities, regularised. */
export function maximize(
  rows: Float64Array,
  columns: number,
  type: CovarianceType,
  responsibilities: readonly Float64Array[],
  regularization: number,
  moments: RowMoments | undefined,
): Mixture {
  const sums = responsibilities.map((weights) => weights.reduce((a, b) => a + b, 0));
  const shares = Float64Array.from(sums, (sum) => sum + LEAST_SHARE);
  const total = shares.reduce((a, b) => a + b);
  const means = responsibilities.map((weights, k) =>
    sums[k] === 0
      ? columnMeans(rows, columns)
      : columnMeans(rows, columns, { weights }).map((value) => (value * sums[k]!) / shares[k]!),
  );
  const regularized = (matrix: Float64Array, step: number) =>
    matrix.map((value, at) => (at % step === 0 ? value + regularization : value));
  let covariances: Float64Array[];
  if (type === "tied") {
    covariances = [regularized(tiedCovariance(moments!, means, shares), columns + 1)];
  } else if (type === "full") {
    covariances = responsibilities.map((weights, k) => {
      if (sums[k] === 0) return regularized(new Float64Array(columns * columns), columns + 1);
      const matrix = covarianceMatrix(rows, columns, means[k]!, { weights });
      return regularized(
        matrix.map((value) => (value * sums[k]!) / shares[k]!),
        columns + 1,
      );
    });
  } else {
    const variances = responsibilities.map((weights, k) =>
      regularized(columnVariances(rows, means[k]!, weights, shares[k]!), 1),
    );
    covariances =
      type === "diagonal"
        ? variances
        : variances.map((values) => Float64Array.of(values.reduce((a, b) => a + b) / columns));
  }
  return mixtureOf({ type, weights: shares.map((share) => share / total), means, covariances });
}

export interface EmResult {
  readonly mixture: Mixture;
  /** Mean log density of the rows before the last M-step, in nats. */
  readonly lowerBound: number;
  readonly iterations: number;
  readonly isConverged: boolean;
}

/** One E-step and one M-step: the next mixture, and the mean log density under the given one. */
export type EmStep = (
  mixture: Mixture,
) => Promise<{ readonly next: Mixture; readonly meanLogDensity: number }>;

/** Steps by loops in this thread. */
export function hostStep(
  rows: Float64Array,
  columns: number,
  type: CovarianceType,
  regularization: number,
): EmStep {
  const moments = momentsFor(type, rows, columns);
  return async (mixture) => {
    const { responsibilities, meanLogDensity } = responsibilitiesOf(rows, mixture);
    const next = maximize(rows, columns, type, responsibilities, regularization, moments);
    return { next, meanLogDensity };
  };
}

/** Expectation maximisation (Dempster, Laird & Rubin 1977) from a given mixture. */
export async function expectationMaximization(
  start: Mixture,
  step: EmStep,
  { tolerance, maxIterations, pause }: EmOptions,
): Promise<EmResult> {
  let mixture = start;
  let lowerBound = Number.NEGATIVE_INFINITY;
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const { next, meanLogDensity } = await step(mixture);
    mixture = next;
    const change = Math.abs(meanLogDensity - lowerBound);
    lowerBound = meanLogDensity;
    if (change < tolerance) return { mixture, lowerBound, iterations: iteration, isConverged: true };
    await pause();
  }
  return { mixture, lowerBound, iterations: maxIterations, isConverged: false };
}
