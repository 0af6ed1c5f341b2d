import { maxPool2d, type Parameter, type RandomStream, relu, type Tensor } from "@surprisal/engine";
import { type Dense, dense, denseParameters } from "../dense.js";
import { toRows } from "../images.js";
import type { Classification, Mode, SmallConvolutionalBody } from "./body.js";
import { imageOf, mapsOf } from "./image.js";
import {
  type Normalized,
  normalizedConvolution,
  normalizedConvolutionParameters,
  normalizedDense,
  normalizedDenseParameters,
  normalizer,
} from "./normalized.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors) of the small convolutional network. */
export type SmallConvolutional<T> = {
  readonly convolutions: readonly Normalized<T>[];
  readonly dense: readonly Normalized<T>[];
  readonly output: Dense<T>;
};

/** Throws a `RangeError` for rows that are no images of at least 4 × 4. */
export function smallConvolutionalParameters(
  { width }: SmallConvolutionalBody,
  row: readonly number[],
  classes: number,
  stream: RandomStream,
): SmallConvolutional<Parameter> {
  const [height, columns, channels] = imageOf(row);
  const flat = 4 * width * Math.floor(height / 4) * Math.floor(columns / 4);
  if (flat === 0) throw new RangeError(`images of ${height} × ${columns} cannot be halved twice`);
  const widths = [channels, width, 2 * width, 4 * width];
  return {
    convolutions: widths
      .slice(1)
      .map((outputs, i) => normalizedConvolutionParameters([outputs, widths[i]!, 3, 3], stream)),
    dense: [
      normalizedDenseParameters(flat, 8 * width, stream),
      normalizedDenseParameters(8 * width, 4 * width, stream),
    ],
    output: denseParameters(4 * width, classes, stream),
  };
}

export function smallConvolutionalClassification(
  tensors: SmallConvolutional<Float>,
  row: readonly number[],
  x: Float,
  mode: Mode,
): Classification {
  const norms = normalizer(mode);
  const [first, second, third] = tensors.convolutions as [
    Normalized<Float>,
    Normalized<Float>,
    Normalized<Float>,
  ];
  const layer = (weights: Normalized<Float>, maps: Float) =>
    relu(normalizedConvolution(weights, maps, norms));
  const whole = layer(second, layer(first, mapsOf(x, row)));
  const quarter = maxPool2d(layer(third, maxPool2d(whole, 2)), 2);
  const features = tensors.dense.reduce(
    (hidden, weights) => normalizedDense(weights, hidden, norms),
    toRows(quarter),
  );
  return { logits: dense(tensors.output, features), features, state: norms.state };
}

export function smallConvolutionalElements(
  { width }: SmallConvolutionalBody,
  row: readonly number[],
): number {
  const [height, columns, channels] = imageOf(row);
  return height * columns * Math.max(channels, 2 * width);
}
