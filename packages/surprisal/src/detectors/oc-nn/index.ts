import { adam, add, randomStream, type TrainedParameter, train } from "@surprisal/engine";
import { limited } from "../../deep/index.js";
import { defineFromRows, type FitContext, type Learned, type PreparedData } from "../../detector/index.js";
import { planTraining } from "../../detector/train-deep.js";
import { asConstants, evaluateRows, parameterCount } from "../../networks/index.js";
import { quantile } from "../../thresholds/index.js";
import { learnOnFeatures } from "../hybrid/features.js";
import { type OcNn, ocNnLoss, ocNnParameters, response, shortfall } from "./model.js";
import { type OcNnOptions, ocNnOptions } from "./options.js";

/** What fitting learned: plain data. */
interface OcNnState {
  readonly parameters: OcNn<TrainedParameter>;
  /** The (1 - ν)-quantile of the training rows' shortfalls: where the response is r. */
  readonly bound: number;
}

async function fitOcNn(
  prepared: PreparedData,
  options: OcNnOptions,
  context: FitContext,
): Promise<Learned<OcNnState>> {
  const { nu, activation, hidden, epochs, batchSize, learningRate } = options;
  const initial = ocNnParameters(prepared.width, hidden, randomStream(context.seed, "parameters"));
  const plan = planTraining(
    "oc-nn",
    {
      optimizer: adam({ learningRate }),
      batchSize,
      ...(epochs !== undefined && { epochs }),
      patience: 0,
      validation: 0,
    },
    prepared,
    context,
  );
  const { parameters, history, steps, skippedSteps } = await train(
    {
      parameters: initial,
      data: { x: plan.learning },
      loss: ({ parameters, batch }) => ({
        loss: ocNnLoss(parameters, response(parameters, activation, limited(batch.x)), options),
      }),
    },
    plan.options,
  );
  const shortfalls = await evaluateRows(
    (x) => shortfall(asConstants(parameters), activation, limited(x)),
    prepared,
    { elementsPerRow: Math.max(prepared.width, hidden), signal: context.signal },
  );
  const bound = quantile(shortfalls, 1 - nu);
  return {
    state: { parameters, bound },
    history,
    summary: { hidden, activation, parameters: parameterCount(initial), steps, skippedSteps },
  };
}

/**
 * One-class neural network: a hidden layer and a weighted sum, trained to lie above a bound r for all but
 * a share ν of the rows (Chalapathy, Menon & Chawla 2018).
 */
export const ocNn = defineFromRows({
  name: "oc-nn",
  title: "One-class neural network",
  summary: "One hidden layer that separates rows, or their codes, from the origin, as a one-class SVM does.",
  version: 1,
  options: ocNnOptions,
  learn: (rows, options, context) =>
    learnOnFeatures<OcNnState>(
      {
        name: "oc-nn",
        scaling: "minMax",
        fit: (data, fitContext) => fitOcNn(data, options, fitContext),
        graph: (x, { parameters, bound }) => ({
          score: add(shortfall(asConstants(parameters), options.activation, limited(x)), -bound),
          elementsPerRow: options.hidden,
        }),
      },
      options,
      rows,
      context,
    ),
});
