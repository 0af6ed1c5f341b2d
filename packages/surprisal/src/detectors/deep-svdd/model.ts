import { add, constant, div, mean, mul, relu, square, sub, sum, type Tensor } from "@surprisal/engine";
import { limited } from "../../deep/index.js";
import type { RowShape } from "../../detector/index.js";
import { batchNorm, batchNormTraining } from "../../networks/index.js";
import { encode, type Normalize, type SvddBody, type SvddEncoder, svddBody } from "./body.js";
import { type ContrastRange, contrasted } from "./contrast.js";
import type { DeepSvddOptions } from "./options.js";

type Float = Tensor<"float32">;
type StateUpdate = readonly [parameter: Float, next: Float];

/** As published; the default of PyTorch is a tenth of it. */
const NORM = { epsilon: 1e-4 };

/** Normalisation by running statistics, for scoring. */
const byRunningStatistics: Normalize = (layer, x) => batchNorm(layer, x, NORM);

/** Normalisation by the batch, for training; `state` collects the next running statistics. */
export function byBatch(): { readonly normalize: Normalize; readonly state: StateUpdate[] } {
  const state: StateUpdate[] = [];
  const normalize: Normalize = (layer, x) => {
    const normalized = batchNormTraining(layer, x, NORM);
    state.push(...normalized.state);
    return normalized.output;
  };
  return { normalize, state };
}

/** A network with what is done to the rows before it: plain data. */
export interface SvddNetwork {
  readonly body: SvddBody;
  /** Whether images are brought to one contrast. */
  readonly contrast: boolean;
}

export function svddNetwork(row: RowShape, options: DeepSvddOptions): SvddNetwork {
  const body = svddBody(row, options);
  return { body, contrast: options.contrast ?? body.kind === "convolutional" };
}

/** Prepared rows x [N, ...shape] as the network sees them, [N, width]. */
export function seen(x: Float, range: ContrastRange | undefined): Float {
  const rows = limited(x);
  return range ? contrasted(rows, range) : rows;
}

/** The outputs of prepared rows in scoring, [N, latent]. */
export function outputsOf(
  encoder: SvddEncoder<Float>,
  { body }: SvddNetwork,
  x: Float,
  range: ContrastRange | undefined,
): Float {
  return encode(encoder, body, seen(x, range), byRunningStatistics);
}

/** d = |z - c|² of outputs z [N, latent]: [N]. */
export function squaredDistance(z: Float, centre: Float32Array): Float {
  return sum(square(sub(z, constant(centre, [centre.length]))), { axis: -1 });
}

/**
 * The soft-boundary objective R² + (1 / ν) mean max(0, d - R²) of distances d [B] (Ruff et al. 2018,
 * equation 3).
 */
export function softBoundaryLoss(d: Float, radius: Float, nu: number): Float {
  const squared = square(radius);
  return add(squared, div(mean(relu(sub(d, squared))), nu));
}

/** Least distance of a coordinate of the centre from 0, as published. */
const LEAST_CENTRE = 0.1;

/**
 * The centre: the mean of the outputs of the training rows, its coordinates moved away from 0, which a
 * network without biases could reach by weights of 0 alone.
 */
export function centreOf(outputs: Float32Array, latent: number): Float32Array {
  const totals = new Float64Array(latent);
  for (let i = 0; i < outputs.length; i++) totals[i % latent]! += outputs[i]!;
  return Float32Array.from(totals, (total) => {
    const mean = (total * latent) / outputs.length;
    if (Math.abs(mean) >= LEAST_CENTRE) return mean;
    return mean < 0 ? -LEAST_CENTRE : LEAST_CENTRE;
  });
}

/**
 * How far apart the outputs lie: their root mean squared distance from their own mean, in units of the
 * centre's length. 0 where all rows have the same output.
 */
export function outputSpread(outputs: Float32Array, centre: Float32Array): number {
  const latent = centre.length;
  const rows = outputs.length / latent;
  const means = new Float64Array(latent);
  for (let i = 0; i < outputs.length; i++) means[i % latent]! += outputs[i]! / rows;
  let squares = 0;
  for (let i = 0; i < outputs.length; i++) squares += (outputs[i]! - means[i % latent]!) ** 2;
  return Math.sqrt(squares / rows) / Math.hypot(...centre);
}

/** Elements of the largest intermediate value for one row. */
export function elementsPerRow({ body }: SvddNetwork): number {
  if (body.kind === "dense") return Math.max(body.width, ...body.hidden);
  const [height, width] = body.image;
  return Math.max(body.width, ...body.filters.map((count, i) => (count * height * width) / 4 ** i));
}

/** Mean over the rows of the squared error of reconstruction, summed over a row. */
export function reconstructionLoss(x: Float, reconstruction: Float): Float {
  const difference = sub(x, reconstruction);
  return mean(sum(mul(difference, difference), { axis: -1 }));
}
