import {
  argMax,
  cast,
  equal,
  logSumExp,
  mean,
  mul,
  oneHot,
  type Parameter,
  randomStream,
  sub,
  sum,
  type Tensor,
  type TrainedParameter,
  train,
} from "@surprisal/engine";
import type { DeepTraining, FitContext, Learned, PreparedData } from "../detector/index.js";
import { planTraining } from "../detector/train-deep.js";
import { SurprisalError } from "../errors.js";
import {
  type Classifier,
  type ClassifierBody,
  classifierParameters,
  classify,
  parameterCount,
} from "../networks/index.js";
import { type ClassifierState, seenByClassifier } from "./state.js";

type Float = Tensor<"float32">;

/** Mean over the rows of the cross-entropy of logits [B, classes] with classes [B], and the part told right. */
export function crossEntropy(logits: Float, labels: Tensor<"int32">): { loss: Float; accuracy: Float } {
  const classes = logits.shape[1] as number;
  const own = sum(mul(logits, oneHot(labels, classes)), { axis: 1 });
  const isRight = equal(cast(argMax(logits, { axis: 1 }), "int32"), labels);
  return { loss: mean(sub(logSumExp(logits, { axis: 1 }), own)), accuracy: mean(cast(isRight, "float32")) };
}

/** Deviations below this part of the range are those of a channel that says nothing. */
const LEAST_DEVIATION = 1e-3;

/** Mean and deviation of each channel of images; none for tables and rows that are no images. */
function standardOf({ data, shape }: PreparedData): ClassifierState["standard"] {
  if (shape.length < 3) return undefined;
  const channels = shape.length === 4 ? shape[3]! : 1;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    sums[at % channels]! += value;
    squares[at % channels]! += value * value;
  }
  const count = data.length / channels;
  const mean = Float32Array.from(sums, (total) => total / count);
  const deviation = Float32Array.from(squares, (total, c) =>
    Math.max(LEAST_DEVIATION, Math.sqrt(Math.max(0, total / count - mean[c]! ** 2))),
  );
  return { mean, deviation };
}

/** A classifier before training. Throws a `SurprisalError` for rows that do not suit the body. */
export function initialClassifier(
  name: string,
  body: ClassifierBody,
  row: readonly number[],
  classes: number,
  seed: number,
): Classifier<Parameter> {
  try {
    return classifierParameters(body, row, classes, randomStream(seed, "parameters"));
  } catch (error) {
    throw new SurprisalError(`${name}: option "network" is ${body.kind}: ${(error as Error).message}`);
  }
}

/** What a classifier learns from beside its rows. */
export interface ClassifierTask {
  readonly body: ClassifierBody;
  /** The class of each row, whole numbers from 0. */
  readonly labels: ArrayLike<number>;
  /** Number of classes, at least 2; labels are below it. */
  readonly classes: number;
  readonly training: DeepTraining;
}

const chosen = (labels: ArrayLike<number>, indices: Uint32Array) => ({
  data: Int32Array.from(indices, (row) => labels[row]!),
  shape: [indices.length],
});

/**
 * Trains a classifier of prepared float32 rows by cross-entropy. Every batch is full, for a batch norm says
 * nothing of a row alone. With `patience` it stops by the held-out loss.
 * @param name of the detector, for messages
 * @throws SurprisalError for fewer than two classes, rows that do not suit the body, and as `planTraining`
 */
export async function trainClassifier(
  name: string,
  prepared: PreparedData,
  { body, labels, classes, training }: ClassifierTask,
  context: FitContext,
): Promise<Learned<ClassifierState>> {
  if (classes < 2) {
    throw new SurprisalError(`${name}: a classifier needs rows of 2 or more classes, got ${classes}`);
  }
  const row = prepared.shape.slice(1);
  const parameters = initialClassifier(name, body, row, classes, context.seed);
  const plan = planTraining(name, training, prepared, context);
  const { learning, watched, indices } = plan;
  const standard = standardOf(prepared);
  const result = await train(
    {
      // The compiler cannot follow trees of several forms, so it is told of one without branches.
      parameters: parameters as unknown as Readonly<Record<string, Parameter>>,
      data: { x: learning, y: chosen(labels, indices.learning) },
      ...(watched && { validation: { x: watched, y: chosen(labels, indices.watched) } }),
      loss: ({ parameters, batch, training }) => {
        const { logits, state } = classify(
          parameters as unknown as Classifier<Float>,
          body,
          row,
          seenByClassifier(batch.x, { ...(standard && { standard }) }),
          training ? "training" : "inference",
        );
        const { loss, accuracy } = crossEntropy(logits, batch.y);
        return { loss, metrics: { accuracy }, state };
      },
    },
    { ...plan.options, dropLast: true },
  );
  return {
    state: {
      body,
      row,
      classes,
      ...(standard && { standard }),
      parameters: result.parameters as unknown as Classifier<TrainedParameter>,
    },
    history: result.history,
    summary: {
      network: body.kind,
      classes,
      parameters: parameterCount(parameters as never),
      steps: result.steps,
      skippedSteps: result.skippedSteps,
    },
  };
}
