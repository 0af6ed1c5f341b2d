import { abs, constant, div, formatShape, max, sub, sum, type Tensor } from "@surprisal/engine";
import { saturateFloat32 } from "../../numeric/index.js";
import type { MedianDeviations } from "./fit.js";

export interface MadScores {
  /** [N], ≥ 0: the largest of the deviations, or their sum. */
  readonly score: Tensor<"float32">;
  /** [N, D], ≥ 0: each feature's modified z-score. */
  readonly deviations: Tensor<"float32">;
}

/**
 * How many deviations every value of x, float64 [N, D], is from its column's median. Throws a
 * `TypeError` where the width or the dtype differs.
 */
export function madGraph(
  x: Tensor,
  { medians, scales }: MedianDeviations,
  aggregate: "max" | "sum",
): MadScores {
  const columns = medians.length;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`mad was fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  const centred = sub(x as Tensor<"float64">, constant(medians, [columns], "float64"));
  const deviations = div(abs(centred), constant(scales, [columns], "float64"));
  const score = aggregate === "sum" ? sum(deviations, { axis: 1 }) : max(deviations, { axis: 1 });
  return { score: saturateFloat32(score), deviations: saturateFloat32(deviations) };
}
