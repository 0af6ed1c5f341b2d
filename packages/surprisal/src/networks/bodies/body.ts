import type { Activation } from "../activation.js";
import type { BatchNorm } from "../batch-norm.js";
import type { Convolution, ConvolutionShape, ImageShape } from "../convolution.js";
import type { Dense } from "../dense.js";

/** Fully connected layers of these widths, each followed by the activation: plain data. */
export interface DenseBody {
  readonly kind: "dense";
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** Convolutions over an image, flattened with channels last, then dense layers: plain data. */
export interface ConvolutionalEncoderBody {
  readonly kind: "convolutional";
  readonly image: ImageShape;
  /** Whether the network sees 2x - 1 instead of x. */
  readonly centred: boolean;
  readonly layers: readonly ConvolutionShape[];
  /** Widths of the dense layers that follow. */
  readonly dense: readonly number[];
  readonly activation: Activation;
  /** Of the dense layers; default `activation`. */
  readonly denseActivation?: Activation;
  /** Whether batches are normalised between a convolution and its activation; default not. */
  readonly batchNorm?: boolean;
}

/** Dense layers from the code, their result as a map, then convolutions up to the image: plain data. */
export interface ConvolutionalDecoderBody {
  readonly kind: "convolutional";
  readonly image: ImageShape;
  /** Widths of the dense layers; none: the code itself is the map. */
  readonly dense: readonly number[];
  /** The map, channels last, that the last dense layer (or the code) is. */
  readonly start: ImageShape;
  readonly layers: readonly ConvolutionShape[];
  /** The last layer, without activation; its channels are those of the heads. */
  readonly output: Omit<ConvolutionShape, "filters">;
  readonly activation: Activation;
  /** Of the dense layers; default `activation`. */
  readonly denseActivation?: Activation;
  /** Whether batches are normalised between a convolution, the last apart, and its activation; default not. */
  readonly batchNorm?: boolean;
}

export type EncoderBody = DenseBody | ConvolutionalEncoderBody;

export type DecoderBody = DenseBody | ConvolutionalDecoderBody;

/** Parameters (or tensors) of an encoder's body; a dense one has no convolutions. */
export type EncoderParameters<T> = {
  readonly convolutions: readonly Convolution<T>[];
  /** One a convolution, where the body normalises batches. */
  readonly norms?: readonly BatchNorm<T>[];
  readonly dense: readonly Dense<T>[];
};

/**
 * Parameters (or tensors) of a decoder's body with its heads: dense heads of a dense body, and the last
 * of the convolutions of a convolutional one.
 */
export type DecoderParameters<T> = {
  readonly dense: readonly Dense<T>[];
  readonly convolutions: readonly Convolution<T>[];
  /** One a convolution, the last apart, where the body normalises batches. */
  readonly norms?: readonly BatchNorm<T>[];
  readonly heads: readonly Dense<T>[];
};
