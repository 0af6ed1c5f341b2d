import type { Parameter, RandomStream, Tensor } from "@surprisal/engine";
import type { Classification, ClassifierBody, Mode } from "./body.js";
import {
  type DenseLayers,
  denseLayersClassification,
  denseLayersElements,
  denseLayersParameters,
} from "./dense.js";
import { type ResNet, resNetClassification, resNetElements, resNetParameters } from "./resnet.js";
import {
  type SmallConvolutional,
  smallConvolutionalClassification,
  smallConvolutionalElements,
  smallConvolutionalParameters,
} from "./small-convolutional.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors) of a classifier; which of them, its body says. */
export type Classifier<T> = DenseLayers<T> | SmallConvolutional<T> | ResNet<T>;

/**
 * Initial parameters of a classifier of rows of that shape, `[features]`, `[height, width]` or
 * `[height, width, channels]`. Throws a `RangeError` for rows that do not suit the body.
 */
export function classifierParameters(
  body: ClassifierBody,
  row: readonly number[],
  classes: number,
  stream: RandomStream,
): Classifier<Parameter> {
  switch (body.kind) {
    case "cnn":
      return smallConvolutionalParameters(body, row, classes, stream);
    case "resnet18":
      return resNetParameters(body, row, classes, stream);
    default:
      return denseLayersParameters(body, row, classes, stream);
  }
}

/**
 * What a classifier says of rows x [B, ...row]. In `inference` a row's result depends on it alone; in
 * `training` batch norms use the statistics of the batch.
 */
export function classify(
  tensors: Classifier<Float>,
  body: ClassifierBody,
  row: readonly number[],
  x: Float,
  mode: Mode,
): Classification {
  switch (body.kind) {
    case "cnn":
      return smallConvolutionalClassification(tensors as SmallConvolutional<Float>, row, x, mode);
    case "resnet18":
      return resNetClassification(tensors as ResNet<Float>, body, row, x, mode);
    default:
      return denseLayersClassification(tensors as DenseLayers<Float>, x);
  }
}

/** Elements of the largest value that a classifier makes of one row. */
export function classifierElements(body: ClassifierBody, row: readonly number[]): number {
  switch (body.kind) {
    case "cnn":
      return smallConvolutionalElements(body, row);
    case "resnet18":
      return resNetElements(body, row);
    default:
      return denseLayersElements(body, row);
  }
}
