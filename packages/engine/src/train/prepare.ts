import { emitModel } from "../emit/index.js";
import type { DType } from "../tensor/index.js";
import type { Fingerprint } from "./checkpoint.js";
import { chooseTarget } from "./choose-target.js";
import { loopProgram } from "./loop-program.js";
import { adam, type Optimizer } from "./optimizers/index.js";
import { initialVector, layoutParameters, type ParameterLayout, type ParameterTree } from "./parameters.js";
import type { PlanArray, PlanData, TrainingPlan, Vectors } from "./plan.js";
import type { DataArray, NoiseSpec, TrainingOptions } from "./problem.js";
import { type Schedule, scheduleAt } from "./schedules.js";
import {
  buildEvaluation,
  buildStep,
  type ErasedLoss,
  EXTRA,
  type ProgramOutputs,
  type ProgramSpec,
  parametersName,
  slotName,
} from "./step.js";

/** Steps for which the values of a schedule are tabulated at most. */
const MOST_TABULATED = 20_000_000;

function requireWhole(option: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${option} must be a whole number from ${least}, got ${value}`);
  }
}

/** The array with memory that threads share, where there is such memory; float64 becomes float32. */
function share(data: DataArray["data"]): PlanArray["data"] {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  const Kind: SharedKind = isFloat ? Float32Array : data instanceof Int32Array ? Int32Array : Uint8Array;
  if (typeof SharedArrayBuffer === "undefined") return new Kind(data);
  if (data.buffer instanceof SharedArrayBuffer && data instanceof Kind) return data;
  const shared = new Kind(new SharedArrayBuffer(data.length * Kind.BYTES_PER_ELEMENT));
  shared.set(data);
  return shared;
}

interface SharedKind {
  new (source: ArrayLike<number> | ArrayBufferLike): PlanArray["data"];
  readonly BYTES_PER_ELEMENT: number;
}

function dtypeOf(name: string, data: DataArray["data"]): DType {
  if (data instanceof Float32Array || data instanceof Float64Array) return "float32";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  if (data instanceof Int32Array) return "int32";
  const kind = (data as object | undefined)?.constructor?.name ?? typeof data;
  throw new TypeError(
    `data ${name} must be a Float32Array, Float64Array, Uint8Array or Int32Array, got ${kind}`,
  );
}

function prepareData(arrays: Readonly<Record<string, DataArray>>, what: string): PlanData {
  const names = Object.keys(arrays);
  if (names.length === 0) throw new RangeError(`${what} has no arrays`);
  const rows = arrays[names[0]!]!.shape[0] ?? 0;
  requireWhole(`the rows of ${what} ${names[0]}`, rows, 1);
  return {
    rows,
    arrays: names.map((name): PlanArray => {
      const { data, shape } = arrays[name]!;
      const dtype = dtypeOf(`${what} ${name}`, data);
      const size = shape.reduce((product, dim) => product * dim, 1);
      if (size !== data.length) {
        throw new RangeError(
          `${what} ${name} of shape [${shape.join(", ")}] needs ${size} values, got ${data.length}`,
        );
      }
      if (shape[0] !== rows) {
        throw new RangeError(`${what} ${name} has ${shape[0]} rows, but ${names[0]} has ${rows}`);
      }
      return { name, dtype, shape: shape.slice(1), rowSize: size / rows, data: share(data) };
    }),
  };
}

function checkValidation(data: PlanData, validation: PlanData): void {
  for (const { name, dtype, shape } of data.arrays) {
    const held = validation.arrays.find((array) => array.name === name);
    if (!held) throw new RangeError(`the validation data lacks ${name}`);
    if (held.dtype !== dtype || held.shape.join() !== shape.join()) {
      throw new RangeError(
        `validation ${name} has rows of ${held.dtype} [${held.shape.join(", ")}], but data ${name} of ${dtype} [${shape.join(", ")}]`,
      );
    }
  }
}

/** The schedule as a constant or a table. Throws a `RangeError` naming it for a value that is not finite. */
function tabulate(name: string, schedule: Schedule, total: number): number | Float32Array {
  const at = (step: number) => {
    const value = scheduleAt(schedule, step, total);
    if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value} at step ${step}`);
    return value;
  };
  if (typeof schedule === "number") return at(0);
  if (total > MOST_TABULATED) {
    throw new RangeError(`${name} cannot be a schedule for ${total} steps; give a number`);
  }
  return Float32Array.from({ length: total }, (_, step) => at(step));
}

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

function initialVectors(layout: ParameterLayout, optimizer: Optimizer): Vectors {
  const extra = new Float32Array(1 + layout.fixedSize);
  extra.set(initialVector(layout.fixed, 0, layout.fixedSize), 1);
  const vectors: Record<string, Float32Array> = { [EXTRA]: extra };
  for (const [i, size] of layout.trainableSizes.entries()) {
    vectors[parametersName(i)] = initialVector(layout.trainable, i, size);
    for (const slot of optimizer.slots) vectors[slotName(slot, i)] = new Float32Array(size);
  }
  return vectors;
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
  const { optimizer = adam(), seed = 0, shuffle = true, clipNorm } = options;
  const { noise = {}, scalars = {} } = problem;
  checkOptions(options, problem.validation !== undefined);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a safe integer, got ${seed}`);
  const layout = layoutParameters(problem.parameters);
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
  const step = (rows: number) =>
    buildStep({ ...spec(rows), optimizer, ...(clipNorm === undefined ? {} : { clipNorm }) });
  const single = step(extent.batchSize);
  const target = options.target ?? (await chooseTarget(single.outputs));
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
      noise,
      clipNorm: clipNorm ?? null,
    },
    plan: {
      threads: options.threads ?? defaults.threads,
      seed,
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
        step: emit(single),
        loop: loopProgram(single.outputs, target),
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
        vectors: initialVectors(layout, optimizer),
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
      checkpointEvery: options.checkpoint ? (options.checkpoint.everyEpochs ?? 1) : 0,
    },
  };
}
