import {
  emitModel,
  input,
  openSession,
  type Parameter,
  randomStream,
  simplify,
  symbol,
  type TrainedParameter,
  type TrainingOptions,
  train,
} from "@surprisal/engine";
import { SurprisalError } from "../errors.js";
import { asConstants, parameterCount } from "../networks/index.js";
import type { DeepModel, DeepTraining } from "./deep.js";
import type { FitContext, Learned, PreparedData } from "./types.js";

/** The trained values of a model, in the shape of its parameters. */
export type TrainedTree =
  | TrainedParameter
  | readonly TrainedTree[]
  | { readonly [name: string]: TrainedTree };

/** The trained parameters as constants of a graph: what a model's functions take as `Tensors`. */
export function trainedConstants<Tensors>(tree: TrainedTree): Tensors {
  // The compiler cannot follow a tree of any depth, so it is told of one without branches.
  return asConstants(tree as Readonly<Record<string, TrainedParameter>>) as Tensors;
}

/** Draws a model's noise of scoring, each from the stream `score` or, where there are several, `score/name`. */
export function drawScoringNoise(
  noise: DeepModel["scoringNoise"],
  seed: number,
): Record<string, TrainedParameter> {
  return Object.fromEntries(
    Object.entries(noise).map(([name, { shape, distribution }]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      const stream = randomStream(seed, Object.keys(noise).length > 1 ? `score/${name}` : "score");
      if (distribution === "normal") stream.fillNormal(data);
      else stream.fillUniform(data);
      return [name, { shape, data }];
    }),
  );
}

/** Rows of an array. */
interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** The rows of a run of training, and how long it is. */
export interface TrainingPlan {
  readonly learning: Rows;
  /** Rows held out to watch the loss. */
  readonly watched?: Rows;
  /** Which of the prepared rows these are. */
  readonly indices: { readonly learning: Uint32Array; readonly watched: Uint32Array };
  readonly stepsPerEpoch: number;
  /** What `train` is to do. */
  readonly options: TrainingOptions;
}

function takeRows({ data, shape, width }: PreparedData, indices: Uint32Array): Rows {
  const taken = new Float32Array(indices.length * width);
  indices.forEach((row, i) => {
    taken.set((data as Float32Array).subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: taken, shape: [indices.length, ...shape.slice(1)] };
}

/** Chooses the rows to watch and the number of epochs. Throws a `SurprisalError` for both `epochs` and `steps`, and when no row is left to watch. */
export function planTraining(
  name: string,
  training: DeepTraining,
  prepared: PreparedData,
  context: FitContext,
): TrainingPlan {
  const { patience, validation } = training;
  const [rowCount = 0] = prepared.shape;
  const order = randomStream(context.orderSeed ?? context.seed, "validation").permutation(rowCount);
  const watched = patience > 0 ? Math.floor(rowCount * validation) : 0;
  if (patience > 0 && watched === 0) {
    throw new SurprisalError(
      `${name}: option "patience" needs validation rows, but ${rowCount} rows leave none; raise "validation"`,
    );
  }
  if (training.steps !== undefined && training.epochs !== undefined) {
    throw new SurprisalError(`${name}: options "epochs" and "steps" exclude each other; give one`);
  }
  const indices = { learning: order.subarray(watched), watched: order.subarray(0, watched) };
  const learning = takeRows(prepared, indices.learning);
  const rows = rowCount - watched;
  const stepsPerEpoch = Math.ceil(rows / training.batchSize);
  const { steps: total, epochs } = training;
  const length =
    total === undefined
      ? { epochs: epochs ?? Math.max(10, Math.min(300, Math.ceil(3000 / stepsPerEpoch))) }
      : { steps: total };
  return {
    learning,
    ...(watched > 0 && { watched: takeRows(prepared, indices.watched) }),
    indices,
    stepsPerEpoch,
    options: {
      optimizer: training.optimizer,
      batchSize: Math.min(training.batchSize, rows),
      ...length,
      seed: context.seed,
      ...(context.orderSeed !== undefined && { orderSeed: context.orderSeed }),
      ...(context.threads !== undefined && { threads: context.threads }),
      ...(context.signal && { signal: context.signal }),
      ...(patience > 0 && { earlyStopping: { patience, restoreBest: true } }),
      ...(context.checkpoint && { checkpoint: context.checkpoint }),
      ...(context.resume !== undefined && { resume: context.resume }),
      onProgress: ({ step, steps, epoch, epochs, loss, samplesPerSecond, secondsLeft }) =>
        context.onProgress({
          fraction: step / steps,
          epoch,
          epochs,
          loss,
          rowsPerSecond: samplesPerSecond,
          secondsLeft,
        }),
    },
  };
}

/** Trains one member. Throws as {@link planTraining} and the engine's `train`. */
export async function trainDeep(
  name: string,
  model: Pick<DeepModel, "parameters" | "noise" | "scalars" | "loss" | "training" | "summary">,
  prepared: PreparedData,
  context: FitContext,
): Promise<Learned<TrainedTree>> {
  const plan = planTraining(name, model.training, prepared, context);
  const parameters = model.parameters(randomStream(context.seed, "parameters"));
  const result = await train(
    {
      parameters: parameters as Readonly<Record<string, Parameter>>,
      data: { x: plan.learning },
      ...(plan.watched && { validation: { x: plan.watched } }),
      noise: model.noise,
      scalars: model.scalars(plan.stepsPerEpoch),
      loss: ({ parameters, batch, noise, scalars, training }) =>
        model.loss({ parameters, x: batch.x, noise, scalars, training }),
    },
    plan.options,
  );
  return {
    state: result.parameters as unknown as TrainedTree,
    history: result.history,
    summary: {
      ...model.summary,
      parameters: parameterCount(parameters),
      steps: result.steps,
      skippedSteps: result.skippedSteps,
    },
  };
}

/** Elements of the largest intermediate value in one call: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

/** Rows whose scores are averaged: more would not move a mean by what matters, and take their time. */
const REFERENCE_ROWS = 4096;

/** The means of some of a member's scores over prepared rows, evenly spaced ones where there are many. */
export async function meanScores(
  model: DeepModel,
  parameters: TrainedTree,
  noise: Readonly<Record<string, TrainedParameter>>,
  prepared: PreparedData,
  signal?: AbortSignal,
): Promise<Record<string, number>> {
  const names = model.referenceScores ?? [];
  if (names.length === 0) return {};
  const [total = 0] = prepared.shape;
  const rowCount = Math.min(total, REFERENCE_ROWS);
  const place = (_: unknown, i: number) => Math.floor((i * total) / rowCount);
  const rows = takeRows(prepared, Uint32Array.from({ length: rowCount }, place));
  const shape = rows.shape.slice(1);
  const x = input("x", [symbol("N"), ...shape]);
  const { scores, elementsPerRow } = model.graph(x, trainedConstants(parameters), asConstants(noise));
  const wanted = simplify(names.map((name) => scores[name]!));
  const bytes = emitModel({ outputs: Object.fromEntries(names.map((name, i) => [name, wanted[i]!])) });
  const batch = Math.max(1, Math.min(65_536, Math.floor(ELEMENTS_PER_CALL / elementsPerRow)));
  const totals = Object.fromEntries(names.map((name) => [name, 0]));
  await using session = await openSession(bytes);
  for (let from = 0; from < rowCount; from += batch) {
    signal?.throwIfAborted();
    const to = Math.min(rowCount, from + batch);
    const data = rows.data.subarray(from * prepared.width, to * prepared.width);
    const part = await session.run({ x: { dtype: "float32", shape: [to - from, ...shape], data } });
    for (const name of names) for (const value of part[name]!.data as Float32Array) totals[name]! += value;
  }
  return Object.fromEntries(names.map((name) => [name, totals[name]! / rowCount]));
}
