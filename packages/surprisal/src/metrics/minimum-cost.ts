import { SurprisalError } from "../errors.js";
import { betweenFloat32 } from "../numeric/index.js";
import { type Labels, rank, type Scores } from "./ranking.js";

/** What one row of each kind costs, in any one unit; negative for a gain. */
export interface CostMatrix {
  /** An anomaly that is flagged. */
  readonly truePositive: number;
  /** A normal row that is flagged. */
  readonly falsePositive: number;
  /** A normal row that is not flagged. */
  readonly trueNegative: number;
  /** An anomaly that is not flagged. */
  readonly falseNegative: number;
}

export interface MinimumCost {
  /** Rows with score > threshold are flagged. */
  readonly threshold: number;
  /** Mean cost of a row at that threshold. */
  readonly cost: number;
}

/**
 * The threshold with the lowest mean cost of a row on labelled scores,
 *
 *     π (TPR C_TP + FNR C_FN) + (1 - π) (FPR C_FP + TNR C_TN)
 *
 * where π is the share of anomalies: `prevalence`, in (0, 1), or that among the labels. Of equal
 * ones the highest, which flags fewest rows; no row and every row are among the choices. It lies
 * midway between two neighbouring scores and, where one fits there, is a float32.
 *
 * Throws a `SurprisalError` where lengths differ, a label is not 0 or 1, a score is NaN, one class
 * is missing, or the prevalence is out of range.
 */
export function minimumCostThreshold(
  labels: Labels,
  scores: Scores,
  costs: CostMatrix,
  prevalence?: number,
): MinimumCost {
  const ranking = rank(labels, scores, "minimumCostThreshold");
  const { thresholds, truePositives, falsePositives, positives, negatives } = ranking;
  const anomalies = prevalence ?? positives / (positives + negatives);
  if (!(anomalies > 0 && anomalies < 1)) {
    throw new SurprisalError(`minimumCostThreshold: prevalence is ${prevalence}; it must be in (0, 1)`);
  }
  const costOf = (truePositiveRate: number, falsePositiveRate: number): number =>
    anomalies * (truePositiveRate * costs.truePositive + (1 - truePositiveRate) * costs.falseNegative) +
    (1 - anomalies) *
      (falsePositiveRate * costs.falsePositive + (1 - falsePositiveRate) * costs.trueNegative);

  let threshold = thresholds[0]!;
  let cost = costOf(0, 0);
  for (let i = 0; i < thresholds.length; i++) {
    // No threshold lies below -Infinity, so rows that score it cannot be flagged.
    if (thresholds[i] === Number.NEGATIVE_INFINITY) break;
    const candidate = costOf(truePositives[i]! / positives, falsePositives[i]! / negatives);
    // Differences within rounding are none: the threshold that flags fewer rows stays.
    if (!(candidate < cost - 1e-12 * Math.abs(cost))) continue;
    cost = candidate;
    threshold = betweenFloat32(thresholds[i + 1] ?? Number.NEGATIVE_INFINITY, thresholds[i]!);
  }
  return { threshold, cost };
}
