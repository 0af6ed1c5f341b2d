import type {
  NoiseSpec,
  Optimizer,
  ParameterTree,
  RandomStream,
  Schedule,
  StateUpdate,
  Tensor,
} from "@surprisal/engine";
import type { PreparedColumn, ScoreGraph } from "./types.js";

type Float = Tensor<"float32">;

/** What a network depends on beside its options: what one prepared row looks like. Plain data. */
export interface RowShape {
  /** `[features]`, or `[height, width, channels]` (also `[height, width]`) of images. */
  readonly shape: readonly number[];
  /** The columns of a table and how many features each has; empty for arrays. */
  readonly columns: readonly PreparedColumn[];
}

/** How a model is trained. */
export interface DeepTraining {
  readonly optimizer: Optimizer;
  readonly batchSize: number;
  /** Default: as many as make about 3,000 steps, 10 to 300. */
  readonly epochs?: number;
  /** Steps in all, instead of epochs. */
  readonly steps?: number;
  /** Stop after so many epochs without a lower held-out loss, and keep the best; 0 trains to the end. */
  readonly patience: number;
  /** Part of the training rows held out to watch the loss, when `patience` is set. */
  readonly validation: number;
}

/** One training step as a model's loss gets it. */
export interface DeepStep<Tensors = unknown> {
  readonly parameters: Tensors;
  /** Prepared rows [B, ...shape]. */
  readonly x: Float;
  /** [B, ...shape] of each noise the model asks for. */
  readonly noise: Readonly<Record<string, Float>>;
  readonly scalars: Readonly<Record<string, Float>>;
  /** False when the held-out loss is computed. */
  readonly training: boolean;
}

export interface DeepLoss {
  /** Mean over the rows, of shape []. */
  readonly loss: Float;
  /** Further means to report. */
  readonly metrics: Readonly<Record<string, Float>>;
  /** Next values of what the network keeps of its batches; models with such parts are not `stackable`. */
  readonly state?: readonly StateUpdate[];
}

/** The scores of one member, and what an ensemble makes further scores of. */
export interface DeepGraph extends Pick<ScoreGraph, "contributions" | "reconstruction"> {
  /** [N] each, by the names of the file's outputs; higher is more anomalous. */
  readonly scores: Readonly<Record<string, Float>>;
  /**
   * The names among `scores` that are negative log-likelihoods, or bounds of them, in nats: WAIC is
   * made of those.
   */
  readonly likelihoods: readonly string[];
  /** [N, latent]: the (mean) code, an output `code`; an ensemble takes its variance over members. */
  readonly code?: Float;
  /** Further outputs of the file, first axis N; an ensemble leaves them out. */
  readonly outputs?: Readonly<Record<string, Float>>;
  /** Elements of the largest intermediate value for one row. */
  readonly elementsPerRow: number;
}

/**
 * One member: a network, its loss and its scores as functions of parameters. A detector trains one
 * by {@link trainDeep}; an ensemble trains M by the same loss, each from a random stream of its own.
 *
 * An ensemble can train all members in one program where the model is `stackable`: every parameter
 * then has a leading axis of members [M, ...shape] and so has every noise [M, B, ...shape], while the
 * rows x [B, ...] are shared; `loss` returns one loss a member, [M] (the metrics likewise), whose sum
 * is minimised, and `graph` returns scores [M, N]. Where it is not, members are trained apart.
 */
export interface DeepModel<Tensors = unknown> {
  /** Initial parameters of a member; the same tree with tensors for leaves is `Tensors`. */
  parameters(stream: RandomStream): ParameterTree;
  /** Noise of one row, drawn afresh at each step. */
  readonly noise: Readonly<Record<string, NoiseSpec>>;
  /** Numbers that change while training, given the steps of an epoch. */
  scalars(stepsPerEpoch: number): Readonly<Record<string, Schedule>>;
  loss(step: DeepStep<Tensors>): DeepLoss;
  readonly stackable: boolean;
  readonly training: DeepTraining;
  /** Noise of scoring, drawn once and kept in the file: the whole shape, without rows. */
  readonly scoringNoise: Readonly<Record<string, NoiseSpec>>;
  /** The scores whose means over the training rows (evenly spaced ones of many) `graph` is given as `means`. */
  readonly referenceScores?: readonly string[];
  /**
   * Scores of prepared rows x [N, ...shape], N symbolic. `means` holds the mean of each of
   * `referenceScores` over the training rows; it is absent while those are computed, and scores that
   * need it are then left out.
   */
  graph(
    x: Float,
    parameters: Tensors,
    noise: Readonly<Record<string, Float>>,
    means?: Readonly<Record<string, number>>,
  ): DeepGraph;
  /** The name among the graph's scores of the one that decides. */
  readonly score: string;
  /** Figures for the file's metadata. */
  readonly summary: Readonly<Record<string, number | string>>;
}
