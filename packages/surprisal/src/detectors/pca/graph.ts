import {
  add,
  clip,
  constant,
  formatShape,
  matmul,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
} from "@surprisal/engine";
import type { ScoreGraph } from "../../detector/index.js";
import { saturateFloat32 } from "../../numeric/index.js";
import type { PrincipalComponents } from "./fit.js";

/** What a row's score is; see the page of the detector. */
export type PcaScore = "weighted" | "reconstruction" | "eigenvectors";

/** Deviations are limited to this, so that their squares stay in the range of float64. */
const FARTHEST = 1e140;

/** Variances below this part of the largest count as this part: they are rounding noise. */
const LEAST_VARIANCE = 1e-12;

/** V diag(1/√variance) Vᵀ, [columns, columns]: |d times it|² is Σ (d · v)² / variance, a part for each column. */
function weightedProjection({ vectors, variances }: PrincipalComponents, columns: number): Float64Array {
  const kept = variances.length;
  const least = LEAST_VARIANCE * (variances[0]! || 1);
  const matrix = new Float64Array(columns * columns);
  const scaled = vectors.map((entry, at) => entry / Math.sqrt(Math.max(variances[at % kept]!, least)));
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      let value = 0;
      for (let k = 0; k < kept; k++) value += scaled[i * kept + k]! * vectors[j * kept + k]!;
      matrix[i * columns + j] = value;
      matrix[j * columns + i] = value;
    }
  }
  return matrix;
}

/**
 * Σ |d - v| / share over the unit vectors v of components that vary, with share their part of the
 * variance: the distance from the row to each eigenvector as a point.
 */
function eigenvectorDistances(
  deviation: Tensor<"float64">,
  along: Tensor<"float64">,
  { variances, total }: PrincipalComponents,
): Tensor<"float64"> {
  const weights = variances.map((variance) =>
    variance > LEAST_VARIANCE * variances[0]! ? total / variance : 0,
  );
  const length = sum(square(deviation), { axis: 1, keepDims: true });
  const squared = add(sub(length, mul(along, 2)), 1);
  const distances = sqrt(maximum(squared, 0));
  return sum(mul(distances, constant(weights, [weights.length], "float64")), { axis: 1 });
}

/**
 * The PCA score of every row of x, float64 [N, D]. Throws a `TypeError` where the width or the dtype
 * differs.
 */
export function pcaGraph(x: Tensor, components: PrincipalComponents, score: PcaScore): ScoreGraph {
  const { mean, vectors, variances } = components;
  const columns = mean.length;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`pca was fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  const centre = constant(mean, [columns], "float64");
  const deviation = clip(sub(x as Tensor<"float64">, centre), -FARTHEST, FARTHEST);
  const parts = (residual: Tensor<"float64">) => {
    const squares = square(residual);
    return {
      score: saturateFloat32(sum(squares, { axis: 1 })),
      contributions: saturateFloat32(squares),
    };
  };
  if (score === "weighted") {
    const matrix = constant(weightedProjection(components, columns), [columns, columns], "float64");
    return parts(matmul(deviation, matrix));
  }
  const basis = constant(vectors, [columns, variances.length], "float64");
  const along = matmul(deviation, basis);
  if (score === "eigenvectors") {
    return { score: saturateFloat32(eigenvectorDistances(deviation, along, components)) };
  }
  const within = matmul(along, transpose(basis));
  return { ...parts(sub(deviation, within)), reconstruction: saturateFloat32(add(within, centre)) };
}
