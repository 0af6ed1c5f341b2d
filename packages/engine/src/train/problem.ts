import type { Target } from "../emit/index.js";
import type { Tensor } from "../tensor/index.js";
import type { Optimizer } from "./optimizers/index.js";
import type { ParameterTree, TreeOf } from "./parameters.js";
import type { Schedule } from "./schedules.js";

/**
 * Rows of data: the first axis counts them. Floats reach the loss as float32, bytes as uint8 and
 * int32 as they are (cast and scale them there: bytes take a quarter of the memory).
 */
export interface DataArray {
  readonly data: Float32Array | Float64Array | Uint8Array | Uint8ClampedArray | Int32Array;
  readonly shape: readonly number[];
}

export interface NoiseSpec {
  /** Shape of one row's noise. */
  readonly shape: readonly number[];
  /** Standard normal, or uniform in [0, 1). */
  readonly distribution: "normal" | "uniform";
  /**
   * Draws one such noise for each seed, along a leading axis: [seeds, rows, ...shape]. Each is what a run
   * with that seed draws, so that one run can train what several would.
   */
  readonly seeds?: readonly number[];
}

export type DataArrays = Readonly<Record<string, DataArray>>;

/** A batch of rows as the loss gets it. */
export type BatchTensor<A extends DataArray> = A["data"] extends Float32Array | Float64Array
  ? Tensor<"float32">
  : A["data"] extends Int32Array
    ? Tensor<"int32">
    : A["data"] extends Uint8Array | Uint8ClampedArray
      ? Tensor<"uint8">
      : Tensor;

/**
 * What the loss is a function of. Shapes are fixed: the first axis of batch and noise is the batch, behind
 * that of the seeds where a noise has seeds.
 */
export interface LossContext<
  T extends ParameterTree = ParameterTree,
  D extends DataArrays = DataArrays,
  N extends string = string,
  S extends string = string,
> {
  readonly parameters: TreeOf<T, Tensor<"float32">>;
  readonly batch: { readonly [K in keyof D]: BatchTensor<D[K]> };
  readonly noise: Readonly<Record<N, Tensor<"float32">>>;
  /** The scheduled scalars, each of shape []. */
  readonly scalars: Readonly<Record<S, Tensor<"float32">>>;
  /** Rows of the batch. */
  readonly rows: number;
  /** False when the held-out loss is computed. */
  readonly training: boolean;
}

/** The next value of a parameter that is not trainable, such as a running mean. */
export type StateUpdate = readonly [parameter: Tensor<"float32">, next: Tensor<"float32">];

export interface LossResult {
  /** One number, the mean over the rows of the batch. */
  readonly loss: Tensor<"float32">;
  /** Further numbers to report, means over the rows. */
  readonly metrics?: Readonly<Record<string, Tensor<"float32">>>;
  readonly state?: readonly StateUpdate[];
}

export interface TrainingProblem<
  T extends ParameterTree = ParameterTree,
  D extends DataArrays = DataArrays,
  N extends string = string,
  S extends string = string,
> {
  readonly parameters: T;
  readonly data: D;
  /** Held-out rows, with the same names and row shapes. */
  readonly validation?: { readonly [K in keyof D]: DataArray };
  /** Drawn afresh at every step; held-out rows see the same noise at every epoch. */
  readonly noise?: Readonly<Record<N, NoiseSpec>>;
  readonly scalars?: Readonly<Record<S, Schedule>>;
  readonly loss: (context: LossContext<T, D, N, S>) => LossResult;
  /**
   * Called before each epoch, with the epochs done and the parameters as they are; training waits. For
   * targets that depend on the parameters: what it returns replaces arrays of the data, or ends the
   * training.
   */
  readonly refresh?: (
    epoch: number,
    parameters: TreeOf<T, TrainedParameter>,
  ) => Promise<{ readonly data?: Partial<D>; readonly stop?: boolean }>;
}

export interface TrainingOptions {
  /** Default Adam with its defaults. */
  readonly optimizer?: Optimizer;
  /** Rows of a step; default 128, at most all rows. */
  readonly batchSize?: number;
  /** Passes over the data. Give this or `steps`. */
  readonly epochs?: number;
  /** Steps in all. */
  readonly steps?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Seed of the order of the rows; default: `seed`. */
  readonly orderSeed?: number;
  /** A new order of the rows at each epoch; default true. */
  readonly shuffle?: boolean;
  /** Leave out the last rows that do not fill a batch; default false. */
  readonly dropLast?: boolean;
  /** Scale the gradient down to this global norm; default: never. */
  readonly clipNorm?: number;
  readonly signal?: AbortSignal;
  /** Called at most ten times a second, and at the end of each epoch. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly earlyStopping?: EarlyStopping;
  readonly checkpoint?: CheckpointOptions;
  /** A checkpoint of the same problem and options to go on from; `epochs` may differ. */
  readonly resume?: string;
  /** Threads of a step; default: all cores. */
  readonly threads?: number;
  /** How expressions become ONNX operators; default: the fastest way on this machine. */
  readonly target?: Target;
  /** Steps in one call of ONNX Runtime; default: as measured. Any number gives the same result. */
  readonly stepsPerCall?: number | "measured";
}

/** Stops when the held-out loss has not fallen by more than `minDelta` for `patience` epochs. */
export interface EarlyStopping {
  readonly patience: number;
  /** Default 0. */
  readonly minDelta?: number;
  /** Return the parameters of the best epoch; default true. */
  readonly restoreBest?: boolean;
}

export interface CheckpointOptions {
  readonly path: string;
  /** Default 1. */
  readonly everyEpochs?: number;
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the rows of the epoch, each with the parameters of its step. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Mean over the held-out rows at the end of the epoch. */
  readonly validationLoss?: number;
  readonly validationMetrics?: Readonly<Record<string, number>>;
}

export interface TrainingProgress {
  /** The epoch under way, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done, and steps in all. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the epoch so far. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly samplesPerSecond: number;
  /** Estimated seconds to the last step. */
  readonly secondsLeft: number;
  readonly skippedSteps: number;
  /** Set when this reports the end of an epoch. */
  readonly record?: EpochRecord;
}

export interface TrainedParameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TrainingResult<T extends ParameterTree = ParameterTree> {
  readonly parameters: TreeOf<T, TrainedParameter>;
  readonly history: readonly EpochRecord[];
  /** Steps done, skipped ones included. */
  readonly steps: number;
  /** Steps without effect because the loss or the norm of its gradient was not finite. */
  readonly skippedSteps: number;
  readonly stoppedEarly: boolean;
  /** The epoch whose parameters these are. */
  readonly epoch: number;
  /** Time of this run, without what a resumed checkpoint had spent. */
  readonly seconds: number;
}
