import { type Parameter, type RandomStream, slice, type Tensor } from "@surprisal/engine";
import { batchNormParameters } from "../batch-norm.js";
import { type ConvolutionShape, convolution, convolutionParameters } from "../convolution.js";
import { dense, denseParameters, perceptron, perceptronParameters } from "../dense.js";
import { toMaps, toRows } from "../images.js";
import { convolutionBlock, type StateUpdates } from "./block.js";
import type { ConvolutionalDecoderBody, DecoderBody, DecoderParameters } from "./body.js";
import { mapShapes } from "./encoder.js";

type Float = Tensor<"float32">;

/** Channels of each head of a convolutional body. Throws a `RangeError` for a width that is no image. */
function headChannels({ image }: ConvolutionalDecoderBody, headWidths: readonly number[]): number[] {
  return headWidths.map((width) => {
    const channels = width / (image[0] * image[1]);
    if (!Number.isInteger(channels) || channels < 1) {
      throw new RangeError(`a head of ${width} values is not an image of ${image[0]} × ${image[1]} pixels`);
    }
    return channels;
  });
}

/** All convolutions, with the channels of the heads in the last. */
function layersOf(body: ConvolutionalDecoderBody, headWidths: readonly number[]): ConvolutionShape[] {
  const filters = headChannels(body, headWidths).reduce((total, channels) => total + channels, 0);
  return [...body.layers, { ...body.output, filters }];
}

/**
 * Glorot-uniform weights and zero biases of a body that makes heads of the given widths from codes of
 * the given size. Throws a `RangeError` where code, map and image do not fit each other.
 */
export function decoderParameters(
  body: DecoderBody,
  latent: number,
  headWidths: readonly number[],
  stream: RandomStream,
): DecoderParameters<Parameter> {
  const widths = [latent, ...(body.kind === "dense" ? body.hidden : body.dense)];
  const layers = perceptronParameters(widths, stream);
  const last = widths.at(-1)!;
  if (body.kind === "dense") {
    const heads = headWidths.map((width) => denseParameters(last, width, stream));
    return { dense: layers, convolutions: [], heads };
  }
  const { start, image } = body;
  if (start[0] * start[1] * start[2] !== last) {
    throw new RangeError(`${last} values do not make a map of ${start.join(" × ")}`);
  }
  const shapes = mapShapes(start, layersOf(body, headWidths));
  const made = shapes.at(-1)!;
  if (made[0] < image[0] || made[1] < image[1]) {
    throw new RangeError(
      `the decoder makes ${made[0]} × ${made[1]} pixels, the image has ${image[0]} × ${image[1]}`,
    );
  }
  const convolutions = layersOf(body, headWidths).map((layer, i) =>
    convolutionParameters(layer, shapes[i]![2], stream),
  );
  const norms = body.layers.map(({ filters }) => batchNormParameters(filters));
  return { dense: layers, convolutions, ...(body.batchNorm && { norms }), heads: [] };
}

/**
 * The heads [..., B, width] for codes z [..., B, latent], in the order of the widths; convolutional
 * bodies take [B, latent] only, and give images with channels last. In training, bodies that normalise
 * batches add the next running statistics to `updates`.
 */
export function decoderHeads(
  parameters: DecoderParameters<Float>,
  body: DecoderBody,
  headWidths: readonly number[],
  z: Float,
  updates?: StateUpdates,
): Float[] {
  const denseActivation = body.kind === "dense" ? body.activation : (body.denseActivation ?? body.activation);
  const hidden = perceptron(parameters.dense, denseActivation, z);
  if (body.kind === "dense") return parameters.heads.map((head) => dense(head, hidden));
  const layers = layersOf(body, headWidths);
  const maps = layers.reduce(
    (map, layer, i) => {
      const kernel = parameters.convolutions[i]!;
      if (i === layers.length - 1) return convolution(kernel, layer, map);
      const norm = parameters.norms?.[i];
      const block = { parameters: kernel, ...(norm && { norm }) };
      return convolutionBlock(block, layer, body.activation, map, updates);
    },
    toMaps(hidden, body.start),
  );
  // Strides make sizes that they divide; the image is the upper left of the map.
  const [height, width] = body.image;
  let start = 0;
  return headChannels(body, headWidths).map((channels) => {
    const range = { start, end: start + channels };
    start += channels;
    return toRows(slice(maps, { 1: range, 2: { end: height }, 3: { end: width } }));
  });
}
