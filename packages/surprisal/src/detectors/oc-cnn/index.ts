import { adam, randomStream, sigmoid, type TrainedParameter, train } from "@surprisal/engine";
import { limited } from "../../deep/index.js";
import { defineFromRows, type FitContext, type Learned, type PreparedData } from "../../detector/index.js";
import { planTraining } from "../../detector/train-deep.js";
import { asConstants, type Dense, denseParameters, parameterCount } from "../../networks/index.js";
import { learnOnFeatures } from "../hybrid/features.js";
import { logOdds, normalizedFeatures, twoClassLoss } from "./model.js";
import { type OcCnnOptions, ocCnnOptions } from "./options.js";

async function fitOcCnn(
  prepared: PreparedData,
  { steps, batchSize, learningRate, deviation }: OcCnnOptions,
  context: FitContext,
): Promise<Learned<Dense<TrainedParameter>>> {
  const initial = denseParameters(prepared.width, 2, randomStream(context.seed, "parameters"));
  const plan = planTraining(
    "oc-cnn",
    { optimizer: adam({ learningRate }), batchSize, steps, patience: 0, validation: 0 },
    prepared,
    context,
  );
  const result = await train(
    {
      parameters: initial,
      data: { x: plan.learning },
      noise: { madeUp: { shape: [prepared.width], distribution: "normal" } },
      loss: ({ parameters, batch, noise }) => ({
        loss: twoClassLoss(parameters, limited(batch.x), noise.madeUp, deviation),
      }),
    },
    plan.options,
  );
  return {
    state: result.parameters,
    history: result.history,
    summary: {
      featureWidth: prepared.width,
      parameters: parameterCount(initial),
      steps: result.steps,
      skippedSteps: result.skippedSteps,
    },
  };
}

/**
 * One-class convolutional network: a classifier that tells the features of rows from those made up of
 * noise around 0 (Oza & Patel 2019).
 */
export const ocCnn = defineFromRows({
  name: "oc-cnn",
  title: "One-class convolutional network",
  summary:
    "A classifier between the features of rows and noise around 0; what looks like noise is anomalous.",
  version: 1,
  options: ocCnnOptions,
  learn: (rows, options, context) =>
    learnOnFeatures<Dense<TrainedParameter>>(
      {
        name: "oc-cnn",
        scaling: "none",
        fit: (data, fitContext) => fitOcCnn(data, options, fitContext),
        graph: (x, layer) => {
          const odds = logOdds(asConstants(layer), normalizedFeatures(limited(x)));
          return { score: odds, outputs: { log_odds: odds, made_up_probability: sigmoid(odds) } };
        },
      },
      options,
      rows,
      context,
    ),
});
