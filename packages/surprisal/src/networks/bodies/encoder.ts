import { add, mul, type Parameter, type RandomStream, type Tensor } from "@surprisal/engine";
import { batchNormParameters } from "../batch-norm.js";
import {
  type ConvolutionShape,
  convolutionParameters,
  convolvedShape,
  type ImageShape,
} from "../convolution.js";
import { perceptron, perceptronParameters } from "../dense.js";
import { toMaps, toRows } from "../images.js";
import { convolutionBlock, type StateUpdates } from "./block.js";
import type { EncoderBody, EncoderParameters } from "./body.js";

type Float = Tensor<"float32">;

/** Shapes of the maps before each layer and after the last. */
export function mapShapes(start: ImageShape, layers: readonly ConvolutionShape[]): ImageShape[] {
  const shapes = [start];
  for (const layer of layers) shapes.push(convolvedShape(layer, shapes.at(-1)!));
  return shapes;
}

function sizeOf(shape: ImageShape): number {
  return shape[0] * shape[1] * shape[2];
}

/** Width of what the convolutions hand to the dense layers. */
function flatWidth(body: EncoderBody, width: number): number {
  return body.kind === "dense" ? width : sizeOf(mapShapes(body.image, body.layers).at(-1)!);
}

/** Number of features that the body makes of rows of the given width. */
export function encoderWidth(body: EncoderBody, width: number): number {
  return (body.kind === "dense" ? body.hidden : body.dense).at(-1) ?? flatWidth(body, width);
}

/**
 * Glorot-uniform weights and zero biases of a body for rows of the given width. Throws a `RangeError`
 * where the rows are not images of the body's shape.
 */
export function encoderParameters(
  body: EncoderBody,
  width: number,
  stream: RandomStream,
): EncoderParameters<Parameter> {
  if (body.kind === "dense") {
    return { convolutions: [], dense: perceptronParameters([width, ...body.hidden], stream) };
  }
  if (sizeOf(body.image) !== width) {
    throw new RangeError(`rows of ${width} values are not images of ${body.image.join(" × ")}`);
  }
  const shapes = mapShapes(body.image, body.layers);
  return {
    convolutions: body.layers.map((layer, i) => convolutionParameters(layer, shapes[i]![2], stream)),
    ...(body.batchNorm && { norms: body.layers.map(({ filters }) => batchNormParameters(filters)) }),
    dense: perceptronParameters([flatWidth(body, width), ...body.dense], stream),
  };
}

/**
 * Features [..., B, encoderWidth] of rows x [..., B, width]; convolutional bodies take [B, width] only. In
 * training, bodies that normalise batches add the next running statistics to `updates`.
 */
export function encoderFeatures(
  parameters: EncoderParameters<Float>,
  body: EncoderBody,
  x: Float,
  updates?: StateUpdates,
): Float {
  if (body.kind === "dense") return perceptron(parameters.dense, body.activation, x);
  const seen = body.centred ? add(mul(x, 2), -1) : x;
  const maps = body.layers.reduce(
    (map, layer, i) => {
      const norm = parameters.norms?.[i];
      const block = { parameters: parameters.convolutions[i]!, ...(norm && { norm }) };
      return convolutionBlock(block, layer, body.activation, map, updates);
    },
    toMaps(seen, body.image),
  );
  return perceptron(parameters.dense, body.denseActivation ?? body.activation, toRows(maps));
}
