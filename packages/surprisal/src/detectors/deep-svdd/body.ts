import {
  conv2d,
  glorotUniform,
  leakyRelu,
  matmul,
  maxPool2d,
  type Parameter,
  type RandomStream,
  reshape,
  type Tensor,
} from "@surprisal/engine";
import type { RowShape } from "../../detector/index.js";
import { SurprisalError } from "../../errors.js";
import { type BatchNorm, batchNormParameters, type ImageShape, toMaps } from "../../networks/index.js";
import type { DeepSvddOptions } from "./options.js";

type Float = Tensor<"float32">;

/** Fully connected layers without biases: plain data. */
interface DenseSvddBody {
  readonly kind: "dense";
  /** Values of a row. */
  readonly width: number;
  readonly hidden: readonly number[];
  readonly latent: number;
}

/** Convolutions, each with batch normalisation, pooling by 2 and leaky rectifier, then one dense layer; no biases: plain data. */
export interface ConvolutionalSvddBody {
  readonly kind: "convolutional";
  readonly width: number;
  readonly image: ImageShape;
  readonly filters: readonly number[];
  readonly kernel: number;
  readonly latent: number;
}

export type SvddBody = DenseSvddBody | ConvolutionalSvddBody;

/** A convolution with the normalisation that follows it. */
export type NormedConvolution<T> = { readonly kernel: T; readonly norm: BatchNorm<T> };

/** Parameters (or tensors); a dense body has no convolutions. */
export type SvddEncoder<T> = {
  readonly convolutions: readonly NormedConvolution<T>[];
  /** Weights [inputs, outputs]. */
  readonly dense: readonly { readonly weight: T }[];
};

/** Applies a batch normalisation: by the batch in training, by the running statistics in scoring. */
export type Normalize = (layer: BatchNorm<Float>, x: Float) => Float;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Slope of the rectifiers below 0, as published. */
export const rectify = (x: Float): Float => leakyRelu(x, 0.01);

/** Heights and widths before each pooling, and after the last. */
export function poolSizes({ image, filters }: ConvolutionalSvddBody): (readonly [number, number])[] {
  const sizes: (readonly [number, number])[] = [[image[0], image[1]]];
  for (const _ of filters) {
    const [height, width] = sizes.at(-1)!;
    sizes.push([Math.floor(height / 2), Math.floor(width / 2)]);
  }
  return sizes;
}

const published = {
  mnistLenet: { image: [28, 28, 1], filters: [8, 4], kernel: 5, latent: 32 },
  cifarLenet: { image: [32, 32, 3], filters: [32, 64, 128], kernel: 5, latent: 128 },
} as const;

/**
 * The network that the options name, for such rows. Throws a `SurprisalError` naming the option that
 * does not fit them.
 */
export function svddBody({ shape }: RowShape, options: DeepSvddOptions): SvddBody {
  const width = sizeOf(shape);
  const [height = 0, columns = 0, channels = 1] = shape;
  const isImage = shape.length === 2 || shape.length === 3;
  const isLargeImage = isImage && Math.min(height, columns) >= 8;
  const kind = options.body ?? (isLargeImage ? "convolutional" : "dense");
  const latent = options.latent ?? (width >= 100 ? 32 : Math.max(2, Math.min(8, Math.ceil(width / 2))));
  if (kind === "dense") {
    return { kind, width, hidden: options.hidden ?? [width >= 100 ? 128 : 64], latent };
  }
  const refuse = (needed: string): never => {
    throw new SurprisalError(
      `deep-svdd: option "body" is ${kind}, which needs ${needed}; the rows have shape [${shape.join(", ")}]`,
    );
  };
  if (!isImage) refuse("images [N, height, width] or [N, height, width, channels]");
  if (kind !== "convolutional") {
    const network = published[kind];
    if (![height, columns, channels].every((size, i) => size === network.image[i])) {
      refuse(`images of ${network.image.join(" × ")}`);
    }
    return { kind: "convolutional", width, ...network, latent: options.latent ?? network.latent };
  }
  const { filters, kernel } = options;
  if (Math.min(height, columns) < 2 ** filters.length) {
    refuse(`images whose sides can be halved ${filters.length} times, once for each of "filters"`);
  }
  return { kind, width, image: [height, columns, channels], filters, kernel, latent };
}

/** Glorot-uniform weights [...ends, ...taps]. */
export function weightParameter(shape: readonly number[], stream: RandomStream): Parameter {
  const initial = shape.length === 2 ? glorotUniform({ layout: "inputsFirst" }) : glorotUniform();
  return { shape, initial: initial(shape, stream) };
}

/** A convolution with its normalisation, which has no affine part: it would be a bias. */
export function normedConvolution(
  inputs: number,
  outputs: number,
  kernel: number,
  stream: RandomStream,
): NormedConvolution<Parameter> {
  return {
    kernel: weightParameter([outputs, inputs, kernel, kernel], stream),
    norm: batchNormParameters(outputs, { affine: false }),
  };
}

export function encoderParameters(body: SvddBody, stream: RandomStream): SvddEncoder<Parameter> {
  const layers = (widths: readonly number[]) =>
    widths.slice(1).map((width, i) => ({ weight: weightParameter([widths[i]!, width], stream) }));
  if (body.kind === "dense") {
    return { convolutions: [], dense: layers([body.width, ...body.hidden, body.latent]) };
  }
  const { filters, kernel, image } = body;
  const channels = [image[2], ...filters];
  const convolutions = filters.map((count, i) => normedConvolution(channels[i]!, count, kernel, stream));
  return {
    convolutions,
    dense: layers([sizeOf(poolSizes(body).at(-1)!) * filters.at(-1)!, body.latent]),
  };
}

/** The outputs φ(x) [B, latent] of rows x [B, width]. No biases and no bounded activations: see the page. */
export function encode(
  { convolutions, dense }: SvddEncoder<Float>,
  body: SvddBody,
  x: Float,
  normalize: Normalize,
): Float {
  const first =
    body.kind === "dense"
      ? x
      : reshape(
          convolutions.reduce(
            (map, { kernel, norm }) =>
              rectify(maxPool2d(normalize(norm, conv2d(map, kernel, { padding: "same" })), 2)),
            toMaps(x, body.image),
          ),
          [x.shape[0]!, sizeOf(dense[0]!.weight.shape.slice(0, 1) as number[])],
        );
  return dense.reduce((hidden, { weight }, i) => matmul(i === 0 ? hidden : rectify(hidden), weight), first);
}
