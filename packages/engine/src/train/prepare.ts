import { emitGraph, emitModel, modelOfGraph } from "../emit/index.js";
import type { Fingerprint } from "./checkpoint.js";
import { chooseTarget } from "./choose-target.js";
import { loopProgram } from "./loop-program.js";
import { adam } from "./optimizers/index.js";
import { layoutParameters, type ParameterLayout, type ParameterTree } from "./parameters.js";
import type { TrainingPlan } from "./plan.js";
import { checkValidation, prepareData } from "./prepare-data.js";
import type { DataArray, NoiseSpec, TrainingOptions } from "./problem.js";
import type { Schedule } from "./schedules.js";
import {
  buildEvaluation,
  buildStep,
  type ErasedLoss,
  type Mover,
  type ProgramOutputs,
  type ProgramSpec,
} from "./step.js";
import { tabulate } from "./tabulate.js";
import { initialVectors } from "./vectors.js";
import { requireWhole } from "./whole.js";

interface Extent {
  readonly batchSize: number;
  readonly fullBatches: number;
  readonly rest: number;
  readonly epochs: number;
  readonly steps: number;
}

function extentOf(rows: number, options: TrainingOptions): Extent {
  const { batchSize: wanted = 128, dropLast = false, epochs, steps } = options;
  requireWhole("batchSize", wanted, 1);
  const batchSize = Math.min(wanted, rows);
  const fullBatches = Math.floor(rows / batchSize);
  const rest = dropLast ? 0 : rows % batchSize;
  const perEpoch = fullBatches + (rest > 0 ? 1 : 0);
  if ((epochs === undefined) === (steps === undefined)) {
    throw new RangeError("give either epochs or steps");
  }
  if (epochs !== undefined) requireWhole("epochs", epochs, 1);
  if (steps !== undefined) requireWhole("steps", steps, 1);
  return {
    batchSize,
    fullBatches,
    rest,
    epochs: epochs ?? Math.ceil(steps! / perEpoch),
    steps: steps ?? epochs! * perEpoch,
  };
}

function checkOptions(options: TrainingOptions, hasValidation: boolean): void {
  const { clipNorm, earlyStopping, checkpoint, threads, stepsPerCall } = options;
  if (clipNorm !== undefined && !(clipNorm > 0)) {
    throw new RangeError(`clipNorm must be above 0, got ${clipNorm}`);
  }
  if (earlyStopping) {
    requireWhole("earlyStopping.patience", earlyStopping.patience, 1);
    if (!hasValidation) throw new RangeError("earlyStopping needs validation data");
  }
  if (checkpoint) requireWhole("checkpoint.everyEpochs", checkpoint.everyEpochs ?? 1, 1);
  if (threads !== undefined) requireWhole("threads", threads, 1);
  if (stepsPerCall !== undefined && stepsPerCall !== "measured")
    requireWhole("stepsPerCall", stepsPerCall, 1);
}

export interface PreparedTraining {
  readonly plan: TrainingPlan;
  readonly layout: ParameterLayout;
  readonly fingerprint: Fingerprint;
}

/** A `TrainingProblem` with its types forgotten. */
export interface ErasedProblem {
  readonly parameters: ParameterTree;
  readonly data: Readonly<Record<string, DataArray>>;
  readonly validation?: Readonly<Record<string, DataArray>>;
  readonly noise?: Readonly<Record<string, NoiseSpec>>;
  readonly scalars?: Readonly<Record<string, Schedule>>;
  readonly loss: ErasedLoss;
  readonly refresh?: (
    epoch: number,
    parameters: unknown,
  ) => Promise<{ readonly data?: Readonly<Record<string, DataArray>>; readonly stop?: boolean }>;
}

/**
 * Checks a problem and its options, builds the expressions and emits their programs. Throws a
 * `TypeError` or `RangeError` that names what is wrong.
 */
export async function prepareTraining(
  problem: ErasedProblem,
  options: TrainingOptions,
  defaults: { readonly threads: number },
): Promise<PreparedTraining> {
  const { optimizer = adam(), seed = 0, orderSeed = seed, shuffle = true, clipNorm } = options;
  const { noise = {}, scalars = {} } = problem;
  checkOptions(options, problem.validation !== undefined);
  for (const [option, value] of Object.entries({ seed, orderSeed })) {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${option} must be a safe integer, got ${value}`);
  }
  const layout = layoutParameters(problem.parameters);
  const mover: Mover = {
    optimizer,
    vectors: [...layout.trainableSizes.keys()],
    counter: 0,
    prefix: "",
    ...(clipNorm === undefined ? {} : { clipNorm }),
  };
  const data = prepareData(problem.data, "data");
  const validation = problem.validation && prepareData(problem.validation, "validation");
  if (validation) checkValidation(data, validation);
  const extent = extentOf(data.rows, options);

  const spec = (rows: number): ProgramSpec => ({
    tree: problem.parameters,
    layout,
    batch: Object.fromEntries(data.arrays.map(({ name, dtype, shape }) => [name, { dtype, shape }])),
    noise,
    scalarNames: Object.keys(scalars),
    loss: problem.loss,
    rows,
  });
  const step = (rows: number) => buildStep({ ...spec(rows), mover });
  const single = step(extent.batchSize);
  const target = options.target ?? (await chooseTarget(single.outputs));
  // Emitted once: the loop around it has the same nodes.
  const stepGraph = emitGraph({ outputs: single.outputs, target, name: "step" });
  const emit = ({ outputs }: ProgramOutputs) => emitModel({ outputs, target });
  const heldRows = validation ? Math.min(extent.batchSize, validation.rows) : 0;
  const heldRest = validation ? validation.rows % heldRows : 0;
  const evaluation = validation && buildEvaluation(spec(heldRows));
  const { earlyStopping } = options;

  return {
    layout,
    fingerprint: {
      parameters: [...layout.trainable, ...layout.fixed].map(({ name, parameter }) => [
        name,
        parameter.shape,
      ]),
      optimizer: [optimizer.name, optimizer.options],
      data: data.arrays.map(({ name, dtype, shape }) => [name, dtype, shape]),
      rows: data.rows,
      batchSize: extent.batchSize,
      dropLast: options.dropLast ?? false,
      shuffle,
      seed,
      orderSeed,
      noise,
      clipNorm: clipNorm ?? null,
    },
    plan: {
      threads: options.threads ?? defaults.threads,
      seed,
      orderSeed,
      shuffle,
      ...extent,
      data,
      ...(validation ? { validation } : {}),
      noise,
      scalars: [
        tabulate("learningRate", optimizer.learningRate, extent.steps),
        ...Object.entries(scalars).map(([name, schedule]) =>
          tabulate(`scalars.${name}`, schedule, extent.steps),
        ),
      ],
      programs: {
        step: modelOfGraph(stepGraph, { target }),
        loop: loopProgram(stepGraph, target),
        // A program of its own for the last, smaller batch: exact also where rows see each other.
        ...(extent.rest > 0 ? { rest: emit(step(extent.rest)) } : {}),
        ...(evaluation ? { evaluation: emit(evaluation) } : {}),
        ...(heldRest > 0 ? { evaluationRest: emit(buildEvaluation(spec(heldRest))) } : {}),
      },
      metricNames: single.metricNames,
      validationMetricNames: evaluation?.metricNames ?? [],
      stepsPerCall: options.stepsPerCall ?? "measured",
      start: {
        epoch: 0,
        step: 0,
        skippedSteps: 0,
        history: [],
        streams: {},
        vectors: initialVectors(layout, [mover]),
      },
      ...(earlyStopping
        ? {
            earlyStopping: {
              patience: earlyStopping.patience,
              minDelta: earlyStopping.minDelta ?? 0,
              restoreBest: earlyStopping.restoreBest ?? true,
            },
          }
        : {}),
      refreshes: problem.refresh !== undefined,
      checkpointEvery: options.checkpoint ? (options.checkpoint.everyEpochs ?? 1) : 0,
    },
  };
}
