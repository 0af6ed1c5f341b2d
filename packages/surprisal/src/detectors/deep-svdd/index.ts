import { add, randomStream, type TrainedParameter } from "@surprisal/engine";
import { defineMemberDetector } from "../../detector/index.js";
import { trainedConstants } from "../../detector/train-deep.js";
import { parameterCount, untrained } from "../../networks/index.js";
import { encoderParameters, type SvddEncoder } from "./body.js";
import { elementsPerRow, outputsOf, squaredDistance, svddNetwork } from "./model.js";
import { deepSvddOptions } from "./options.js";
import { type DeepSvddState, trainDeepSvdd } from "./train.js";

/**
 * Deep support vector data description: a network without biases is trained to map the rows close to one
 * point; those that it maps far from it are anomalous (Ruff et al. 2018).
 */
export const deepSvdd = defineMemberDetector({
  name: "deep-svdd",
  title: "Deep support vector data description",
  summary: "A network maps normal rows close to a centre; rows far from it are anomalous. Tables and images.",
  version: 1,
  options: deepSvddOptions,
  prepare: (_, kind) =>
    kind === "array"
      ? { scaling: "minMax", dtype: "float32", clip: true }
      : { scaling: "standard", dtype: "float32" },
  fit: (data, options, context) => {
    const row = { shape: data.shape.slice(1), columns: data.columns };
    return trainDeepSvdd(data, svddNetwork(row, options), options, context);
  },
  size: (row, options) => {
    const { body } = svddNetwork(row, options);
    if (body.kind !== "dense") return Number.POSITIVE_INFINITY;
    return parameterCount(encoderParameters(body, randomStream(0, "size")) as never);
  },
  untrained: (row, options): DeepSvddState => {
    const network = svddNetwork(row, options);
    const { body } = network;
    const parameters = encoderParameters(body, randomStream(0, "parameters"));
    return {
      network,
      encoder: untrained(parameters as never) as unknown as SvddEncoder<TrainedParameter>,
      centre: new Float32Array(body.latent).fill(1),
      radius: 1,
    };
  },
  graph: (x, state: DeepSvddState, { objective }) => {
    const { network, encoder, range, centre, radius, pretrained } = state;
    const z = outputsOf(trainedConstants(encoder as never), network, x, range);
    const distance = squaredDistance(z, centre);
    const before = pretrained && outputsOf(trainedConstants(pretrained as never), network, x, range);
    return {
      scores: {
        squared_distance: distance,
        boundary_excess: add(distance, -(radius ** 2)),
        ...(before && { pretrained_distance: squaredDistance(before, centre) }),
      },
      ...(before && { outputs: { pretrained_code: before } }),
      score: objective === "softBoundary" ? "boundary_excess" : "squared_distance",
      likelihoods: [],
      code: z,
      elementsPerRow: elementsPerRow(network),
    };
  },
});
