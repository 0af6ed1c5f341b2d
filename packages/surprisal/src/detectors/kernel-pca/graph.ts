import {
  add,
  cast,
  clip,
  constant,
  exp,
  formatShape,
  matmul,
  maximum,
  mean as meanOf,
  mul,
  square,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";
import type { KernelPca } from "./fit.js";

/** Deviations are limited to this, so that their squares stay in the range of float64. */
const FARTHEST = 1e140;

/**
 * The squared distance in feature space from the image of every row of x, float64 [N, D], to the
 * subspace of the components, in [0, 4]. Throws a `TypeError` where the width or the dtype differs.
 */
export function kernelPcaGraph(x: Tensor, fitted: KernelPca): Tensor<"float32"> {
  const { gamma, mean, centred, weights, offsets, kernelMean } = fitted;
  const columns = mean.length;
  const rows = centred.length / columns;
  const components = offsets.length;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(
      `kernel-pca was fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`,
    );
  }
  const centre = constant(mean, [columns], "float64");
  const deviation = clip(sub(x as Tensor<"float64">, centre), -FARTHEST, FARTHEST);
  const lengths = new Float64Array(rows);
  const transposed = new Float64Array(centred.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = centred[i * columns + j]!;
      lengths[i]! += value * value;
      transposed[j * rows + i] = value;
    }
  }
  const product = matmul(deviation, constant(transposed, [columns, rows], "float64"));
  const length = sum(square(deviation), { axis: 1, keepDims: true });
  const squared = sub(add(length, constant(lengths, [rows], "float64")), mul(product, 2));
  const kernel = exp(mul(maximum(squared, 0), -gamma));
  // |image - mean of images|² = 1 - 2 mean(k) + mean of the kernel matrix.
  const whole = add(mul(meanOf(kernel, { axis: 1 }), -2), 1 + kernelMean);
  if (components === 0) return cast(maximum(whole, 0), "float32");
  const places = add(
    matmul(kernel, constant(weights, [rows, components], "float64")),
    constant(offsets, [components], "float64"),
  );
  return cast(maximum(sub(whole, sum(square(places), { axis: 1 })), 0), "float32");
}
