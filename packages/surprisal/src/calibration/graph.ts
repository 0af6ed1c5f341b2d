import { constant, isNaN, reshape, searchSorted, type Tensor, take, where } from "@surprisal/engine";
import type { ConformalTable } from "./conformal.js";

/** The split-conformal p-value of every score, [N] to [N]: what `conformalPValues` computes. */
export function conformalGraph(score: Tensor<"float32">, table: ConformalTable): Tensor<"float32"> {
  const [rows] = score.shape;
  const sorted = constant(table.scores, [1, table.scores.length]);
  const position = searchSorted(reshape(score, [rows!, 1]), sorted, "left");
  const pValue = reshape(take(constant(table.pValues), position), [rows!]);
  // NaN is below and above nothing: it must not come out as the p-value of the lowest score.
  return where(isNaN(score), score, pValue);
}
