import type { DType } from "../tensor/index.js";
import type { TurnRecord } from "./alternating-problem.js";
import type { EpochRecord, NoiseSpec, TrainingProgress } from "./problem.js";

/** Everything the worker needs, as plain data: the model's code stays behind. */
export interface TrainingPlan {
  readonly threads: number;
  readonly seed: number;
  readonly orderSeed: number;
  readonly shuffle: boolean;
  readonly batchSize: number;
  /** Batches of `batchSize` rows in an epoch, then one of `rest` rows unless that is 0. */
  readonly fullBatches: number;
  readonly rest: number;
  readonly epochs: number;
  readonly steps: number;
  readonly data: PlanData;
  readonly validation?: PlanData;
  readonly noise: Readonly<Record<string, NoiseSpec>>;
  /** The learning rate, then the scheduled scalars: a constant, or the value at each step. */
  readonly scalars: readonly (number | Float32Array)[];
  readonly programs: {
    readonly step: Uint8Array;
    /** Several full batches in one call. */
    readonly loop: Uint8Array;
    readonly rest?: Uint8Array;
    readonly evaluation?: Uint8Array;
    readonly evaluationRest?: Uint8Array;
  };
  readonly metricNames: readonly string[];
  readonly validationMetricNames: readonly string[];
  readonly stepsPerCall: number | "measured";
  /** The state to start from: at the beginning, or of a checkpoint. */
  readonly start: Snapshot;
  readonly earlyStopping?: {
    readonly patience: number;
    readonly minDelta: number;
    readonly restoreBest: boolean;
  };
  /** Whether the worker asks before each epoch for new data. */
  readonly refreshes: boolean;
  /** Epochs between checkpoints; 0 for none. */
  readonly checkpointEvery: number;
}

export interface PlanData {
  readonly rows: number;
  readonly arrays: readonly PlanArray[];
}

export interface PlanArray {
  readonly name: string;
  readonly dtype: DType;
  /** Shape of one row. */
  readonly shape: readonly number[];
  readonly rowSize: number;
  /** Replaced between epochs where the problem refreshes it. */
  data: Float32Array | Uint8Array | Int32Array;
}

export type Vectors = Readonly<Record<string, Float32Array>>;

/** The state of training between two epochs. */
export interface Snapshot {
  /** Epochs and steps done. */
  readonly epoch: number;
  readonly step: number;
  readonly skippedSteps: number;
  readonly history: readonly EpochRecord[];
  /** States of the random streams by name; none at the beginning. */
  readonly streams: Readonly<Record<string, readonly number[]>>;
  readonly vectors: Vectors;
  /** The best epoch so far by held-out loss, and what it had. */
  readonly best?: { readonly epoch: number; readonly loss: number; readonly vectors: Vectors };
}

/** How training ended. */
export interface Outcome {
  readonly vectors: Vectors;
  readonly epoch: number;
  readonly history: readonly EpochRecord[];
  readonly steps: number;
  readonly skippedSteps: number;
  readonly stoppedEarly: boolean;
  readonly seconds: number;
}

/** What the worker says of a plan. */
export type TrainingMessage<Progress = TrainingProgress, End = Outcome> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "checkpoint"; readonly snapshot: Snapshot }
  | ({ readonly type: "question" } & Question)
  | { readonly type: "done"; readonly outcome: End }
  | { readonly type: "error"; readonly message: string };

/** What the worker asks before an epoch of a plan that refreshes its data. */
export interface Question {
  /** Epochs done. */
  readonly epoch: number;
  readonly vectors: Vectors;
}

export interface Answer {
  /** Arrays that replace those of the same name. */
  readonly arrays: readonly PlanArray[];
  readonly stop: boolean;
}

/** Everything the worker needs for training by turns. */
export interface AlternatingPlan {
  readonly threads: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly batchSize: number;
  readonly data: PlanData;
  readonly noise: Readonly<Record<string, NoiseSpec>>;
  readonly moves: readonly PlanMove[];
  readonly phases: readonly PlanPhase[];
  readonly stepsPerCall: number | "measured";
  /** Turns to a record of the history. */
  readonly recordEvery: number;
  readonly vectors: Vectors;
}

export interface PlanMove {
  readonly name: string;
  /** The learning rate, then the scheduled scalars: a constant, or the value at each step of the move. */
  readonly scalars: TrainingPlan["scalars"];
  readonly step: Uint8Array;
  /** Several steps in one call. */
  readonly loop: Uint8Array;
  readonly metricNames: readonly string[];
}

export interface PlanPhase {
  readonly name: string;
  /** For each turn the moves by number, each with its steps. */
  readonly turns: readonly (readonly (readonly [move: number, steps: number])[])[];
  readonly keep: boolean;
}

/** How training by turns ended. */
export interface AlternatingOutcome {
  readonly vectors: Vectors;
  /** By phase, at the end of those that keep theirs. */
  readonly kept: Readonly<Record<string, Vectors>>;
  readonly history: readonly TurnRecord[];
  readonly steps: Readonly<Record<string, number>>;
  readonly skippedSteps: number;
  readonly seconds: number;
}
