import { clip, reshape, type Tensor } from "@surprisal/engine";
import { z } from "zod";
import type { RowShape } from "../detector/index.js";
import { SurprisalError } from "../errors.js";
import {
  activations,
  type ConvolutionShape,
  choiBodies,
  cladBodies,
  convolutionalBodies,
  convolvedShape,
  type DecoderBody,
  type EncoderBody,
  type ImageShape,
} from "../networks/index.js";
import { asMatrix } from "../preprocess/index.js";

const bodyKinds = ["dense", "convolutional", "transferLab", "choi", "clad"] as const;

/** Options of an encoder and the decoder that mirrors it. */
export const networkOptions = {
  body: z
    .enum(bodyKinds)
    .optional()
    .describe(
      "Layers: dense; convolutional (images); or a published network: transferLab (appliedAI's training), choi (Choi et al. 2018) or clad (Park et al. 2021). Default: dense, convolutional for images of more than 4,096 values.",
    ),
  latent: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      "Size of the code z. Default: 3, 16 and 10 for the published networks, else 20 for 100 or more features, else half of the features, 2 to 8.",
    ),
  hidden: z
    .array(z.int().min(1).max(65_536))
    .optional()
    .describe(
      "Dense body: widths of the encoder's hidden layers; the decoder mirrors them. Default: 400 for 100 or more features, else 64.",
    ),
  filters: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .default([32, 64])
    .describe("Convolutional body: channels of the encoder's layers; the decoder mirrors them."),
  kernel: z.int().min(1).max(31).default(3).describe("Convolutional body: rows and columns of the kernels."),
  strides: z
    .array(z.int().min(1).max(8))
    .optional()
    .describe("Convolutional body: stride of each layer. Default: 2 each."),
  denseWidth: z
    .int()
    .min(0)
    .max(65_536)
    .default(16)
    .describe("Convolutional body: width of the dense layer before the code; 0 for none."),
  depth: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      "Choi's and CLAD's network: channels of the first layer, later ones having up to two or four times as many. Default: 32; CLAD's 4 for grey images, else 16 for each of their channels.",
    ),
  activation: z.enum(activations).default("relu").describe("Activation of the hidden layers."),
};

const schema = z.object(networkOptions);

export type NetworkOptions = z.output<typeof schema>;

/** An encoder and a decoder with the size of the code between them: plain data. */
export interface Network {
  /** Values of a row. */
  readonly width: number;
  readonly latent: number;
  readonly encoder: EncoderBody;
  readonly decoder: DecoderBody;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The image that a row is, `undefined` where it is none. */
function imageOf({ shape }: RowShape): ImageShape | undefined {
  const [height = 0, width = 0, channels = 1] = shape;
  return shape.length === 2 || shape.length === 3 ? [height, width, channels] : undefined;
}

function defaultBody(row: RowShape): NetworkOptions["body"] & string {
  const image = imageOf(row);
  const isLarge = image !== undefined && sizeOf(image) > 4096 && Math.min(image[0], image[1]) >= 16;
  return isLarge ? "convolutional" : "dense";
}

function defaultLatent(body: string, width: number): number {
  if (body === "transferLab") return 3;
  if (body === "choi") return 16;
  if (body === "clad") return 10;
  return width >= 100 ? 20 : Math.max(2, Math.min(8, Math.ceil(width / 2)));
}

/**
 * The network that the options name, for such rows. Throws a `SurprisalError` naming the option that
 * does not fit them.
 */
export function networkFor(name: string, row: RowShape, options: NetworkOptions): Network {
  const width = sizeOf(row.shape);
  const { body = defaultBody(row), activation, kernel, filters, strides, depth } = options;
  const latent = options.latent ?? defaultLatent(body, width);
  if (body === "dense") {
    const hidden = options.hidden ?? [width >= 100 ? 400 : 64];
    return {
      width,
      latent,
      encoder: { kind: "dense", hidden, activation },
      decoder: { kind: "dense", hidden: [...hidden].reverse(), activation },
    };
  }
  const image = imageOf(row);
  if (!image) {
    throw new SurprisalError(
      `${name}: option "body" is ${body}, which needs images [N, height, width] or [N, height, width, channels]; the rows have shape [${row.shape.join(", ")}]`,
    );
  }
  try {
    const scale = depth === undefined ? {} : { depth };
    if (body === "choi") return { width, latent, ...choiBodies(image, { latent, ...scale }) };
    if (body === "clad") return { width, latent, ...cladBodies(image, scale) };
    if (body === "transferLab") return { width, latent, ...convolutionalBodies(image) };
    const generic = { filters, kernel, dense: options.denseWidth, activation, ...(strides && { strides }) };
    return { width, latent, ...convolutionalBodies(image, generic) };
  } catch (error) {
    throw new SurprisalError(`${name}: option "body": ${(error as Error).message}`);
  }
}

function largestMap(start: ImageShape, layers: readonly ConvolutionShape[]): number {
  let shape = start;
  return layers.reduce((largest, layer) => {
    shape = convolvedShape(layer, shape);
    return Math.max(largest, sizeOf(shape));
  }, sizeOf(start));
}

/** Elements of the largest layer that an encoder, or a decoder of heads of that width, makes of one row. */
export function largestLayer(body: EncoderBody | DecoderBody, width: number): number {
  if (body.kind === "dense") return Math.max(width, ...body.hidden);
  const start = "start" in body ? body.start : body.image;
  return Math.max(width, largestMap(start, body.layers));
}

/** A network in words, for the metadata of a file. */
export function networkSummary({ width, latent, encoder }: Network): Record<string, number | string> {
  const hidden =
    encoder.kind === "dense"
      ? encoder.hidden.join("-")
      : encoder.layers.map(({ filters, kernel, stride = 1 }) => `${filters}@${kernel}/${stride}`).join("-");
  return { width, body: encoder.kind, hidden, latent, activation: encoder.activation };
}

/** Prepared values beyond this (in deviations) are cut: the squares of larger ones overflow in single precision. */
const INPUT_LIMIT = 1e6;

/** Prepared rows as a matrix [N, features] within the range in which networks compute. */
export function limited(x: Tensor<"float32">): Tensor<"float32"> {
  return clip(asMatrix(x), -INPUT_LIMIT, INPUT_LIMIT);
}

/** A matrix of rows [..., N, features] in the shape of the rows it belongs to. */
export function shapedAs(rows: Tensor<"float32">, matrix: Tensor<"float32">): Tensor<"float32"> {
  return reshape(matrix, [...matrix.shape.slice(0, -2), ...rows.shape]);
}
