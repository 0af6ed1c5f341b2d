import { constant, expandDims, matmul, min, square, sub, sum, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/** Gaussians of the classes in a space of features, with one covariance for all: plain data. */
export interface ClassGaussians {
  readonly classes: number;
  readonly features: number;
  /** Means of the classes, [classes, features] row-major. */
  readonly means: Float64Array;
  /** W, [features, features] row-major: |(φ - mean) W|² is the squared Mahalanobis distance. */
  readonly whitening: Float64Array;
}

/**
 * Squared Mahalanobis distance of features [N, features] to the nearest class, [N] (Lee et al. 2018, equation
 * 2, of one layer and without a moved input). Higher is more anomalous.
 */
export function classMahalanobis(features: Float, gaussians: ClassGaussians): Float {
  const { classes, features: width, means, whitening } = gaussians;
  // About the middle of the classes, where products lose the fewest digits.
  const middle = Float64Array.from({ length: width }, (_, j) => {
    let total = 0;
    for (let c = 0; c < classes; c++) total += means[c * width + j]!;
    return total / classes;
  });
  const centres = new Float32Array(classes * width);
  for (let c = 0; c < classes; c++) {
    for (let k = 0; k < width; k++) {
      let value = 0;
      for (let j = 0; j < width; j++)
        value += (means[c * width + j]! - middle[j]!) * whitening[j * width + k]!;
      centres[c * width + k] = value;
    }
  }
  const matrix = constant(Float32Array.from(whitening), [width, width], "float32");
  const white = matmul(sub(features, constant(Float32Array.from(middle), [width], "float32")), matrix);
  const away = sub(expandDims(white, 1), constant(centres, [classes, width], "float32"));
  return min(sum(square(away), { axis: 2 }), { axis: 1 });
}
