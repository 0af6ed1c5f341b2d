import type { Parameter, RandomStream, Tensor } from "@surprisal/engine";
import { asMatrix } from "../../preprocess/index.js";
import { type Dense, dense, perceptron, perceptronParameters } from "../dense.js";
import type { Classification, LinearBody, PerceptronBody } from "./body.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors) of dense layers, the last of which gives the logits. */
export type DenseLayers<T> = { readonly layers: readonly Dense<T>[] };

const hiddenOf = (body: LinearBody | PerceptronBody): readonly number[] =>
  body.kind === "perceptron" ? body.hidden : [];

const widthOf = (row: readonly number[]): number => row.reduce((a, b) => a * b, 1);

export function denseLayersParameters(
  body: LinearBody | PerceptronBody,
  row: readonly number[],
  classes: number,
  stream: RandomStream,
): DenseLayers<Parameter> {
  return { layers: perceptronParameters([widthOf(row), ...hiddenOf(body), classes], stream) };
}

export function denseLayersClassification({ layers }: DenseLayers<Float>, x: Float): Classification {
  const features = perceptron(layers.slice(0, -1), "relu", asMatrix(x));
  return { logits: dense(layers.at(-1)!, features), features, state: [] };
}

export function denseLayersElements(body: LinearBody | PerceptronBody, row: readonly number[]): number {
  return Math.max(widthOf(row), ...hiddenOf(body));
}
