// The networks of the benchmark: ResNet-18 on images of 32 × 32 with three channels, and its loss.
import { randomStream } from "@surprisal/engine/random";
import { crossEntropy } from "../../packages/surprisal/dist/classification/index.js";
import { classifierParameters, classify } from "../../packages/surprisal/dist/networks/index.js";

export const image = [32, 32, 3];
export const classes = 10;

export function resnet({ width, stem }) {
  const body = { kind: "resnet18", width, stem };
  return {
    parameters: classifierParameters(body, image, classes, randomStream(1, "parameters")),
    loss({ parameters, batch }) {
      const { logits, state } = classify(parameters, body, image, batch.x, "training");
      return { loss: crossEntropy(logits, batch.y).loss, state };
    },
  };
}
