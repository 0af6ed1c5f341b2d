import {
  add,
  div,
  exp,
  expandDims,
  log,
  logSumExp,
  maximum,
  mean,
  mul,
  neg,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";

type Float = Tensor<"float32">;

/** Squared distances [B, k] of codes z [B, h] from centres μ [k, h]. */
export function squaredCenterDistances(codes: Float, centers: Float): Float {
  return sum(square(sub(expandDims(codes, 1), expandDims(centers, 0))), { axis: -1 });
}

/**
 * log q [B, k], where q_ij ∝ (1 + ‖z_i - μ_j‖²)⁻¹ sums to 1 over the centres: Student's t with one degree of
 * freedom (Xie, Girshick & Farhadi 2016, equation 1).
 */
export function softAssignment(codes: Float, centers: Float): Float {
  const logits = neg(log(add(squaredCenterDistances(codes, centers), 1)));
  return sub(logits, logSumExp(logits, { axis: -1, keepDims: true }));
}

/**
 * The target p_ij = (q_ij² / f_j) / Σ_j' (q_ij'² / f_j') with f_j = Σ_i q_ij over all of the rows (equation
 * 3), of q [n, clusters] row by row: assignments sharpened, and large clusters held back.
 */
export function targetDistribution(q: Float32Array, clusters: number): Float32Array {
  const frequencies = new Float64Array(clusters);
  q.forEach((value, at) => {
    frequencies[at % clusters]! += value;
  });
  const p = new Float32Array(q.length);
  const weights = new Float64Array(clusters);
  for (let start = 0; start < q.length; start += clusters) {
    let total = 0;
    for (let j = 0; j < clusters; j++) {
      const value = q[start + j]!;
      // A centre that no row has a part in gets none.
      weights[j] = value > 0 ? value ** 2 / frequencies[j]! : 0;
      total += weights[j]!;
    }
    for (let j = 0; j < clusters; j++) p[start + j] = weights[j]! / total;
  }
  return p;
}

/** The target of a batch by its own frequencies, from log q [B, k]; no gradient passes. */
export function batchTarget(logQ: Float): Float {
  const q = exp(stopGradient(logQ));
  const weights = div(square(q), sum(q, { axis: 0, keepDims: true }));
  return div(weights, sum(weights, { axis: -1, keepDims: true }));
}

/** Keeps the logarithm of a target of 0 finite: its term is 0 all the same. */
const LEAST_TARGET = 1e-37;

/** KL(P ‖ Q) = Σ_ij p_ij log (p_ij / q_ij), divided by the rows (equation 2); p has no gradient. */
export function clusteringLoss(p: Float, logQ: Float): Float {
  return mean(sum(mul(p, sub(log(maximum(p, LEAST_TARGET)), logQ)), { axis: -1 }));
}
