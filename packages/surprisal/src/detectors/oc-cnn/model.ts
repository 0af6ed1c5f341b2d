import {
  add,
  div,
  mean,
  mul,
  relu,
  reshape,
  slice,
  softplus,
  sqrt,
  sub,
  type Tensor,
  variance,
} from "@surprisal/engine";
import { type Dense, dense } from "../../networks/index.js";

type Float = Tensor<"float32">;

/** Keeps features without spread finite. */
const EPSILON = 1e-5;

/** Every feature vector of x [B, features] brought to mean 0 and deviation 1 by itself, then rectified. */
export function normalizedFeatures(x: Float): Float {
  const moved = sub(x, mean(x, { axis: -1, keepDims: true }));
  const spread = sqrt(add(variance(x, { axis: -1, keepDims: true }), EPSILON) as Float);
  return relu(div(moved, spread));
}

/** The logit of "made up" less that of "row", from a layer of two outputs: [B]. */
export function logOdds(layer: Dense<Float>, features: Float): Float {
  const logits = dense(layer, features);
  const of = (i: number) => reshape(slice(logits, { 1: { start: i, end: i + 1 } }), [features.shape[0]!]);
  return sub(of(1), of(0));
}

/**
 * Cross-entropy of the two classes, averaged over rows x [B, features] and as many made-up ones: with two
 * classes it depends on the log-odds alone.
 */
export function twoClassLoss(layer: Dense<Float>, x: Float, noise: Float, deviation: number): Float {
  const ofRows = mean(softplus(logOdds(layer, normalizedFeatures(x))));
  const made = relu(mul(noise, deviation));
  const ofMade = mean(softplus(mul(logOdds(layer, made), -1)));
  return mul(add(ofRows, ofMade), 0.5);
}
