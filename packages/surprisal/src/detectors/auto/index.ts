import { z } from "zod";
import { learnCombination } from "../../combine/index.js";
import { defineFromRows, type SampleRows } from "../../detector/index.js";
import { knn } from "../knn/index.js";
import { lof } from "../lof/index.js";
import { mahalanobis } from "../mahalanobis/index.js";
import { onSample } from "./sample.js";

/** Training rows that the neighbours are sought among: bounds the time to fit and to score. */
const NEIGHBOUR_ROWS = 20_000;

/** The covariance of more columns takes longer than its part of the score is worth. */
const MOST_COVARIANCE_COLUMNS = 500;

const members = (rows: SampleRows) => [
  onSample(knn({ neighbours: 10, method: "mean" }), NEIGHBOUR_ROWS),
  onSample(lof(), NEIGHBOUR_ROWS),
  ...(rows.kind === "table" && rows.names.length + rows.categoryNames.length <= MOST_COVARIANCE_COLUMNS
    ? [mahalanobis()]
    : []),
];

/**
 * A detector to begin with: the average of three that look at different things, the distance from
 * training rows, the density around a row, and the shape of the whole cloud. Nothing to tune, no
 * labels; the same combination for every data set.
 */
export const auto = defineFromRows({
  name: "auto",
  title: "A combination to begin with",
  summary: "Neighbours, local density and covariance averaged: a fixed choice, with nothing to tune.",
  version: 1,
  options: z.object({}),
  learn: (rows, _, context) =>
    learnCombination(
      members(rows),
      rows,
      { method: "average", scale: "standard", keepScores: true },
      context,
    ),
});
