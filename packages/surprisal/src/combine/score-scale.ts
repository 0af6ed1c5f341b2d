import { cast, clip, constant, div, isNaN, searchSorted, sub, type Tensor, where } from "@surprisal/engine";
import { fitScaling } from "../preprocess/index.js";
import type { scoreScales } from "./methods.js";

/** What was learned of the members' scores on training rows. */
export type ScoreScale =
  | { readonly kind: "none" }
  | { readonly kind: "standard"; readonly center: Float64Array; readonly scale: Float64Array }
  | {
      readonly kind: "rank";
      /** [members, rows], each member's scores of the training rows, a hair lower, rising. */
      readonly sorted: Float32Array;
      readonly rows: number;
    };

/**
 * Part of a training score by which another may be below it and still rank with it. Runtimes round a
 * score in their own ways, to about this part of it: without, a row that was trained on would lose a
 * rank in some of them.
 */
const RANK_SLACK = 1e-5;

/** Standardised scores beyond it are limited to it, so that sums of them are finite. */
const FARTHEST = 1e30;

/**
 * Learns the scale from the members' scores of the same training rows, one array a member. A member
 * that scores all of them alike is only shifted.
 */
export function fitScoreScale(
  kind: (typeof scoreScales)[number],
  scores: readonly Float32Array[],
): ScoreScale {
  if (kind === "none") return { kind };
  if (kind === "standard") {
    const scalings = scores.map((of) => fitScaling(Float64Array.from(of), "standard"));
    return {
      kind,
      center: Float64Array.from(scalings, ({ center }) => center),
      scale: Float64Array.from(scalings, ({ scale }) => scale),
    };
  }
  const rows = scores[0]!.length;
  const sorted = new Float32Array(scores.length * rows);
  scores.forEach((of, member) => {
    const knots = of.map((score) => (Number.isFinite(score) ? score - RANK_SLACK * Math.abs(score) : score));
    sorted.set(knots.sort(), member * rows);
  });
  return { kind, sorted, rows };
}

/** Scores [N, members] on the common scale, as float64 of the same shape. */
export function scoreScaleGraph(scores: Tensor<"float32">, scale: ScoreScale): Tensor<"float64"> {
  const wide = cast(scores, "float64");
  if (scale.kind === "none") return wide;
  if (scale.kind === "standard") {
    const members = scale.center.length;
    const centred = sub(wide, constant(scale.center, [members], "float64"));
    return clip(div(centred, constant(scale.scale, [members], "float64")), -FARTHEST, FARTHEST);
  }
  const { sorted, rows } = scale;
  const found = searchSorted(scores, constant(sorted, [sorted.length / rows, rows]), "right");
  // NaN is above nothing: it must not come out as the lowest rank.
  return where(isNaN(wide), wide, div(cast(found, "float64"), rows));
}
