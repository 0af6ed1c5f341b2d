import { clip, constant, formatShape, matmul, square, sub, sum, type Tensor } from "@surprisal/engine";
import { saturateFloat32 } from "../../numeric/index.js";
import type { Ellipsoid } from "./fit.js";

/** Deviations are limited to this, so that their squares stay in the range of float64. */
const FARTHEST = 1e140;

export interface EllipsoidScores {
  /** [N], ≥ 0: the squared Mahalanobis distance. */
  readonly score: Tensor<"float32">;
  /** [N, D], ≥ 0: what each feature adds. */
  readonly contributions: Tensor<"float32">;
}

/**
 * The squared Mahalanobis distance of every row of x, float64 [N, D], and its parts by feature.
 * Throws a `TypeError` where the width or the dtype differs.
 */
export function ellipsoidGraph(x: Tensor, { mean, matrix }: Ellipsoid): EllipsoidScores {
  const columns = mean.length;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  const deviation = clip(
    sub(x as Tensor<"float64">, constant(mean, [columns], "float64")),
    -FARTHEST,
    FARTHEST,
  );
  const parts = square(matmul(deviation, constant(matrix, [columns, columns], "float64")));
  return {
    score: saturateFloat32(sum(parts, { axis: 1 })),
    contributions: saturateFloat32(parts),
  };
}
