import type { RandomStream } from "@surprisal/engine";
import { kMeans } from "../../clustering/index.js";
import { SurprisalError } from "../../errors.js";
import { columnMeans } from "../../numeric/index.js";
import { requireRows } from "../mahalanobis/fit.js";
import {
  type EmOptions,
  type EmResult,
  expectationMaximization,
  hostStep,
  maximize,
  momentsFor,
} from "./expectation-maximization.js";
import {
  type CovarianceType,
  type Mixture,
  mixtureOf,
  parameterCount,
  responsibilitiesOf,
} from "./mixture.js";

import { isWorthProgram, openProgramStep } from "./program-step.js";

export interface GmmOptions extends EmOptions {
  readonly components: number | "bic";
  /** Most components that "bic" tries. */
  readonly maxComponents: number;
  readonly covariance: CovarianceType;
  readonly initialization: "kMeans" | "kMeans++";
  /** Runs from other first mixtures, of which the likeliest counts. */
  readonly starts: number;
  /** Added to all variances. */
  readonly regularization: number;
}

/** Equal spheres of the regularisation alone, around given means. */
function aroundMeans(means: readonly Float64Array[], type: CovarianceType, variance: number): Mixture {
  const columns = means[0]!.length;
  const sizes = { full: columns * columns, tied: columns * columns, diagonal: columns, spherical: 1 };
  const step = type === "full" || type === "tied" ? columns + 1 : 1;
  const sphere = new Float64Array(sizes[type]).map((_, at) => (at % step === 0 ? variance : 0));
  return mixtureOf({
    type,
    weights: new Float64Array(means.length).fill(1 / means.length),
    means,
    covariances: type === "tied" ? [sphere] : means.map(() => sphere),
  });
}

/** The first mixture: that of k-means clusters, or of small spheres around k-means++ rows. */
async function firstMixture(
  rows: Float64Array,
  columns: number,
  components: number,
  { covariance: type, initialization, regularization }: GmmOptions,
  stream: RandomStream,
): Promise<Mixture> {
  const count = rows.length / columns;
  const fromClusters = (responsibilities: readonly Float64Array[]) =>
    maximize(rows, columns, type, responsibilities, regularization, momentsFor(type, rows, columns));
  if (components === 1) return fromClusters([new Float64Array(count).fill(1)]);
  // Clusters only begin the search: single precision, around the mean, is enough.
  const middle = columnMeans(rows, columns);
  const { centers, labels } = await kMeans(
    Float32Array.from(rows, (value, at) => value - middle[at % columns]!),
    columns,
    {
      clusters: components,
      starts: 1,
      maxIterations: initialization === "kMeans" ? 300 : 0,
      tolerance: 1e-4,
      seed: stream.uint32(),
    },
  );
  const found = Array.from({ length: centers.length / columns }, (_, k) => k);
  if (initialization === "kMeans") {
    return fromClusters(found.map((k) => Float64Array.from(labels, (label) => (label === k ? 1 : 0))));
  }
  const means = found.map((k) => middle.map((value, j) => value + centers[k * columns + j]!));
  return aroundMeans(means, type, regularization);
}

async function runFrom(rows: Float64Array, columns: number, first: Mixture, options: GmmOptions) {
  const { regularization } = options;
  if (!isWorthProgram(rows, columns, first)) {
    return expectationMaximization(first, hostStep(rows, columns, first.type, regularization), options);
  }
  const program = await openProgramStep(rows, columns, first.means.length, regularization);
  try {
    return await expectationMaximization(first, program.step, options);
  } finally {
    await program.close();
  }
}

async function fitComponents(
  rows: Float64Array,
  columns: number,
  components: number,
  options: GmmOptions,
  stream: RandomStream,
): Promise<EmResult> {
  let best: EmResult | undefined;
  // With one component every start is the same, and the answer.
  const starts = components === 1 ? 1 : options.starts;
  for (let start = 0; start < starts; start++) {
    const first = await firstMixture(rows, columns, components, options, stream);
    if (components === 1) return { mixture: first, lowerBound: 0, iterations: 0, isConverged: true };
    const run = await runFrom(rows, columns, first, options);
    if (!best || run.lowerBound > best.lowerBound) best = run;
  }
  return best!;
}

/** -2 log-likelihood + parameters · log n (Schwarz 1978): lower is better. */
export function bayesianInformation(rows: Float64Array, mixture: Mixture): number {
  const columns = mixture.means[0]!.length;
  const count = rows.length / columns;
  const { meanLogDensity } = responsibilitiesOf(rows, mixture);
  const parameters = parameterCount(mixture.type, mixture.means.length, columns);
  return -2 * count * meanLogDensity + parameters * Math.log(count);
}

/**
 * A Gaussian mixture of the rows, [n, columns] row-major and finite; with "bic" the number of
 * components of least Bayesian information criterion.
 *
 * Throws a `SurprisalError` where there are fewer rows than components, or a covariance has no
 * inverse.
 */
export async function fitGmm(
  rows: Float64Array,
  columns: number,
  options: GmmOptions,
  stream: RandomStream,
): Promise<EmResult> {
  requireRows("gmm", rows, columns);
  const count = rows.length / columns;
  const { components, maxComponents } = options;
  if (components !== "bic") {
    if (components > count) {
      throw new SurprisalError(`gmm: ${components} components need as many rows, got ${count}`);
    }
    return fitComponents(rows, columns, components, options, stream);
  }
  let best: EmResult | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let tried = 1; tried <= Math.min(maxComponents, count); tried++) {
    const run = await fitComponents(rows, columns, tried, options, stream);
    const information = bayesianInformation(rows, run.mixture);
    if (information < least) [best, least] = [run, information];
  }
  return best!;
}
