import { randomStream } from "@surprisal/engine";
import { SurprisalError } from "../../errors.js";
import { columnMeans, invertLowerTriangular, pivotedCholesky, symmetricEigen } from "../../numeric/index.js";

export interface KernelPcaOptions {
  /** Components kept: a number of at least 1, a share of the variance below 1, or all (default). */
  readonly components?: number;
  /** Default 1 / columns. */
  readonly gamma?: number;
  /** Rows drawn to fit on. Default 1000. */
  readonly sampleSize?: number;
  /** Seed of the stream "kernel-pca". Default 0. */
  readonly seed?: number;
}

export interface KernelPca {
  readonly gamma: number;
  readonly mean: Float64Array;
  /** The rows fitted on, less the mean: [rows, columns] row-major. */
  readonly centred: Float64Array;
  /**
   * [rows, components] row-major, and [components]: k weights + offsets are the places of a row along
   * the components, with k its kernel with the rows.
   */
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
  /** The mean of the kernel matrix. */
  readonly kernelMean: number;
}

/** Rows whose kernel matrix is still made. */
const MOST_ROWS = 4096;

/** Components with a variance below this part of the largest are rounding noise. */
const LEAST_VARIANCE = 1e-12;

function drawRows(rows: Float64Array, columns: number, sampleSize: number, seed: number): Float64Array {
  const count = rows.length / columns;
  const used = Math.min(count, sampleSize);
  if (used > MOST_ROWS) {
    const megabytes = Math.round((used * used * 8) / 1e6);
    throw new SurprisalError(
      `kernel-pca: ${used} rows need a kernel matrix of ${used} × ${used} numbers (${megabytes} MB); set option "sampleSize" to at most ${MOST_ROWS}`,
    );
  }
  const drawn = new Float64Array(used * columns);
  const chosen = randomStream(seed, "kernel-pca").choice(count, used).sort();
  chosen.forEach((row, i) => {
    drawn.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return drawn;
}

/** exp(-gamma |a - b|²) of every pair of rows. */
function gaussianKernel(rows: Float64Array, columns: number, gamma: number): Float64Array {
  const count = rows.length / columns;
  const kernel = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      let squared = 0;
      for (let j = 0; j < columns; j++) squared += (rows[a * columns + j]! - rows[b * columns + j]!) ** 2;
      kernel[a * count + b] = kernel[b * count + a] = Math.exp(-gamma * squared);
    }
    kernel[a * count + a] = 1;
  }
  return kernel;
}

/** Centres a kernel matrix in feature space, in place; returns the means of its rows and of all. */
function centreKernel(kernel: Float64Array, count: number) {
  const means = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += kernel[i * count + j]!;
    means[i] = sum / count;
  }
  const mean = means.reduce((a, b) => a + b, 0) / count;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) kernel[i * count + j]! += mean - means[i]! - means[j]!;
  }
  return { means, mean };
}

/**
 * Weights [count, rank] of an orthonormal basis of the span of all centred images: L⁻¹ of the
 * pivots' kernel, so that no eigenvectors are needed where all components are kept.
 */
function spanWeights(factor: Float64Array, pivots: Uint32Array, count: number): Float64Array {
  const rank = pivots.length;
  const triangle = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k <= i; k++) triangle[i * rank + k] = factor[k * count + pivots[i]!]!;
  }
  const inverse = invertLowerTriangular(triangle, rank);
  const weights = new Float64Array(count * rank);
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k <= i; k++) weights[pivots[k]! * rank + i] = inverse[i * rank + k]!;
  }
  return weights;
}

/** Weights [count, kept] of the leading components: eigenvectors of L Lᵀ over the roots of their values. */
function leadingWeights(factor: Float64Array, rank: number, count: number, components: number) {
  // LᵀL is as small as the rank, and has the eigenvalues of L Lᵀ.
  const inner = new Float64Array(rank * rank);
  for (let a = 0; a < rank; a++) {
    for (let b = 0; b <= a; b++) {
      let value = 0;
      for (let i = 0; i < count; i++) value += factor[a * count + i]! * factor[b * count + i]!;
      inner[a * rank + b] = inner[b * rank + a] = value;
    }
  }
  const { values, vectors } = symmetricEigen(inner, rank);
  const total = values.reduce((a, b) => a + b, 0);
  let kept = 0;
  for (let sum = 0; kept < rank; kept++) {
    const value = values[rank - 1 - kept]!;
    const isEnough = components >= 1 ? kept >= components : sum > components * total;
    if (isEnough || value <= LEAST_VARIANCE * values[rank - 1]!) break;
    sum += value;
  }
  const weights = new Float64Array(count * kept);
  for (let k = 0; k < kept; k++) {
    const column = rank - 1 - k;
    for (let a = 0; a < rank; a++) {
      const weight = vectors[a * rank + column]! / values[column]!;
      for (let i = 0; i < count; i++) weights[i * kept + k]! += weight * factor[a * count + i]!;
    }
  }
  return weights;
}

/**
 * Kernel PCA with the Gaussian kernel (Hoffmann 2007) on a drawn sample of `rows`, [n, columns]
 * row-major and finite: the components of the rows' images in feature space, centred there.
 *
 * Throws a `SurprisalError` where there are no rows, or the kernel matrix would be too large.
 */
export function fitKernelPca(
  rows: Float64Array,
  columns: number,
  { components, gamma = 1 / columns, sampleSize = 1000, seed = 0 }: KernelPcaOptions = {},
): KernelPca {
  if (!(columns > 0 && rows.length >= columns)) {
    throw new SurprisalError("kernel-pca: there are no rows with a feature to learn from");
  }
  const centred = drawRows(rows, columns, sampleSize, seed);
  const mean = columnMeans(centred, columns);
  for (let i = 0; i < centred.length; i++) centred[i]! -= mean[i % columns]!;
  const count = centred.length / columns;
  const kernel = gaussianKernel(centred, columns, gamma);
  const { means, mean: kernelMean } = centreKernel(kernel, count);
  const { pivots, factor } = pivotedCholesky(kernel, count, LEAST_VARIANCE);
  const weights =
    components === undefined
      ? spanWeights(factor, pivots, count)
      : leadingWeights(factor, pivots.length, count, components);

  // A centred kernel is k - means(k) - means + kernelMean: the first mean moves into the weights, the
  // constants into offsets.
  const kept = weights.length / count;
  const sums = new Float64Array(kept);
  const offsets = new Float64Array(kept);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < kept; k++) {
      const weight = weights[i * kept + k]!;
      sums[k]! += weight;
      offsets[k]! += (kernelMean - means[i]!) * weight;
    }
  }
  for (let i = 0; i < count; i++) for (let k = 0; k < kept; k++) weights[i * kept + k]! -= sums[k]! / count;
  return { gamma, mean, centred, weights, offsets, kernelMean };
}
