import type { StateUpdate, Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/** Logits as an affine function of the row: plain data. */
export interface LinearBody {
  readonly kind: "linear";
}

/** Fully connected layers of these widths, each followed by a ReLU: plain data. */
export interface PerceptronBody {
  readonly kind: "perceptron";
  readonly hidden: readonly number[];
}

/**
 * Convolutions 3 × 3 of width, 2 · width and 4 · width channels, halved after the second and the third,
 * then dense layers of 8 · width and 4 · width; batch norm and ReLU after each: plain data.
 */
export interface SmallConvolutionalBody {
  readonly kind: "cnn";
  readonly width: number;
}

/**
 * ResNet-18 (He et al. 2016): four groups of two residual blocks of width, 2 · width, 4 · width and
 * 8 · width channels, each group but the first halving the maps: plain data.
 */
export interface ResNet18Body {
  readonly kind: "resnet18";
  readonly width: number;
  /**
   * The layers before the blocks: `published` is a convolution 7 × 7 of stride 2 and a pooling 3 × 3 of
   * stride 2, for which an image has a quarter of its rows and columns left; `small` a convolution 3 × 3
   * of stride 1, usual for images of 32 pixels.
   */
  readonly stem: "published" | "small";
}

export type ClassifierBody = LinearBody | PerceptronBody | SmallConvolutionalBody | ResNet18Body;

/** Whether the layers normalise by batches in training, and by running statistics otherwise. */
export type Mode = "training" | "inference";

/** What a classifier says of rows. */
export interface Classification {
  /** [B, classes]. */
  readonly logits: Float;
  /** [B, features]: what the last layer is given. */
  readonly features: Float;
  /** The next running statistics in training, for the loss to return as its `state`; else none. */
  readonly state: readonly StateUpdate[];
}
