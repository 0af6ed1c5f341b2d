import { SurprisalError } from "../../errors.js";
import {
  choleskyFactor,
  choleskyLogDeterminant,
  invertLowerTriangular,
  squaredMahalanobis,
} from "../../numeric/index.js";

/** Which covariances the components have; the names of scikit-learn are full, tied, diag and spherical. */
export const covarianceTypes = ["full", "tied", "diagonal", "spherical"] as const;

export type CovarianceType = (typeof covarianceTypes)[number];

/** Parameters of a Gaussian mixture of K components in d columns. */
export interface MixtureParameters {
  readonly type: CovarianceType;
  /** [K], adding up to 1. */
  readonly weights: Float64Array;
  /** K vectors of d values. */
  readonly means: readonly Float64Array[];
  /**
   * full: K matrices [d, d]; tied: one matrix; diagonal: K vectors of d variances; spherical: K
   * single variances.
   */
  readonly covariances: readonly Float64Array[];
}

/** A mixture ready to give densities: the covariances' square roots inverted. */
export interface Mixture extends MixtureParameters {
  /**
   * M with |M (x - mean)|² the squared Mahalanobis distance: lower triangular matrices [d, d] for
   * full and tied (the same one for all components), vectors of d factors for the others. One a
   * component.
   */
  readonly whitenings: readonly Float64Array[];
  /** log det M of each component. */
  readonly logDeterminants: Float64Array;
}

function refuse(component: number): never {
  throw new SurprisalError(
    `gmm: the covariance of component ${component} has no inverse; raise regularization, use fewer components, or scale the columns`,
  );
}

function invertFull(covariance: Float64Array, columns: number, component: number) {
  const factor = choleskyFactor(covariance, columns);
  if (!factor) refuse(component);
  return {
    whitening: invertLowerTriangular(factor, columns),
    logDeterminant: -0.5 * choleskyLogDeterminant(factor, columns),
  };
}

function invertDiagonal(variances: Float64Array, columns: number, component: number) {
  const whitening = Float64Array.from({ length: columns }, (_, j) => {
    const variance = variances[variances.length === 1 ? 0 : j]!;
    if (!(variance > 0)) refuse(component);
    return 1 / Math.sqrt(variance);
  });
  return { whitening, logDeterminant: whitening.reduce((sum, value) => sum + Math.log(value), 0) };
}

/** Throws a `SurprisalError` that names the component whose covariance is not positive definite. */
export function mixtureOf(parameters: MixtureParameters): Mixture {
  const { type, means, covariances } = parameters;
  const columns = means[0]!.length;
  const invert = type === "full" || type === "tied" ? invertFull : invertDiagonal;
  const inverted = covariances.map((covariance, k) => invert(covariance, columns, k));
  const ofComponent = means.map((_, k) => inverted[type === "tied" ? 0 : k]!);
  return {
    ...parameters,
    whitenings: ofComponent.map(({ whitening }) => whitening),
    logDeterminants: Float64Array.from(ofComponent, ({ logDeterminant }) => logDeterminant),
  };
}

/** Free parameters, as BIC counts them. */
export function parameterCount(type: CovarianceType, components: number, columns: number): number {
  const perMatrix = (columns * (columns + 1)) / 2;
  const covariance = {
    full: components * perMatrix,
    tied: perMatrix,
    diagonal: components * columns,
    spherical: components,
  };
  return covariance[type] + components * columns + components - 1;
}

/** Squared distances of all rows from a component. */
function componentDistances(rows: Float64Array, { type, means, whitenings }: Mixture, k: number) {
  const mean = means[k]!;
  const whitening = whitenings[k]!;
  const columns = mean.length;
  if (type === "full" || type === "tied") return squaredMahalanobis(rows, columns, mean, whitening);
  const result = new Float64Array(rows.length / columns);
  for (let i = 0, at = 0; i < result.length; i++) {
    let total = 0;
    for (let j = 0; j < columns; j++, at++) {
      const value = (rows[at]! - mean[j]!) * whitening[j]!;
      total += value * value;
    }
    result[i] = total;
  }
  return result;
}

/** log(w_k det M_k / (2π)^(d/2)) of each component: its log density at its own mean, weighted. */
export function logPeaks({ weights, means, logDeterminants }: Mixture): Float64Array {
  const constant = -0.5 * means[0]!.length * Math.log(2 * Math.PI);
  return weights.map((weight, k) => Math.log(weight) + logDeterminants[k]! + constant);
}

/**
 * The E-step: for each component the responsibility it has for each row (adding up to 1 over the
 * components), and the mean log density of the rows.
 */
export function responsibilitiesOf(
  rows: Float64Array,
  mixture: Mixture,
): { readonly responsibilities: Float64Array[]; readonly meanLogDensity: number } {
  const peaks = logPeaks(mixture);
  const responsibilities = mixture.means.map((_, k) => {
    const terms = componentDistances(rows, mixture, k);
    for (let i = 0; i < terms.length; i++) terms[i] = peaks[k]! - 0.5 * terms[i]!;
    return terms;
  });
  const count = responsibilities[0]!.length;
  let total = 0;
  for (let i = 0; i < count; i++) {
    let peak = Number.NEGATIVE_INFINITY;
    for (const terms of responsibilities) if (terms[i]! > peak) peak = terms[i]!;
    let sum = 0;
    for (const terms of responsibilities) sum += Math.exp(terms[i]! - peak);
    const logDensity = peak + Math.log(sum);
    for (const terms of responsibilities) terms[i] = Math.exp(terms[i]! - logDensity);
    total += logDensity;
  }
  return { responsibilities, meanLogDensity: total / count };
}
