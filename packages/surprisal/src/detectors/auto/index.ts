import { z } from "zod";
import { learnCombination } from "../../combine/index.js";
import { defineFromRows } from "../../detector/index.js";
import { isolationForest } from "../isolation-forest/index.js";
import { knn } from "../knn/index.js";
import { lof } from "../lof/index.js";
import { onSample } from "./sample.js";

/** Training rows that the neighbours are sought among: bounds the time to fit and to score. */
const NEIGHBOUR_ROWS = 20_000;

const members = () => [
  onSample(knn({ neighbours: 10, method: "mean" }), NEIGHBOUR_ROWS),
  onSample(lof(), NEIGHBOUR_ROWS),
  isolationForest(),
];

/**
 * A detector to begin with: the average of three that look at different things, the distance from
 * training rows, the density around a row beside that around its neighbours, and how easily a row is
 * split off. Nothing to tune, no labels; the same combination for every data set.
 */
export const auto = defineFromRows({
  name: "auto",
  title: "A combination to begin with",
  summary: "Neighbours, local density and isolation averaged: a fixed choice, with nothing to tune.",
  version: 1,
  options: z.object({}),
  learn: (rows, _, context) =>
    learnCombination(members(), rows, { method: "average", scale: "standard", keepScores: true }, context),
});
