import {
  exp,
  mapParameters,
  type NoiseSpec,
  type Parameter,
  type ParameterTree,
  type StateUpdate,
  sgd,
  type Tensor,
  type TrainedParameter,
  type TrainingProgress,
  train,
} from "@surprisal/engine";
import { asConstants, evaluateRows } from "../networks/index.js";
import { kMeans } from "./k-means.js";
import { batchTarget, clusteringLoss, softAssignment, targetDistribution } from "./soft-assignment.js";

type Float = Tensor<"float32">;

/** A network that gives rows codes: functions of its parameters. */
export interface CodeNetwork<Tensors = unknown> {
  /** What clustering starts from: trained already. */
  readonly parameters: ParameterTree;
  /** Values of a code, h. */
  readonly latent: number;
  /** Elements of the largest value it makes of one row. */
  readonly elementsPerRow: number;
  /**
   * Codes [B, h] of rows x [B, ...row]. In training it is given `updates` to add next running statistics to
   * and, where codes are sampled, `noise` [B, h].
   */
  encode(
    parameters: Tensors,
    x: Float,
    training?: { readonly noise?: Float | undefined; readonly updates?: StateUpdate[] | undefined },
  ): Float;
}

export interface DeepClusteringOptions {
  /** Number of clusters k; no more than there are distinct codes are made. */
  readonly clusters: number;
  /** Most passes over the rows; 0 leaves the clusters as k-means made them. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Of stochastic gradient descent. */
  readonly learningRate: number;
  readonly momentum: number;
  /** Ends when an epoch changes the clusters of less than this part of the rows. */
  readonly tolerance: number;
  /** Over which rows the target's frequencies are: all of them, once an epoch, or each batch its own. */
  readonly target: "fullData" | "batch";
  /** Whether training sees a network's mean codes or samples of them; the labels are by mean codes. */
  readonly code: "mean" | "sampled";
  /** Runs of k-means for the first centres, of which the tightest counts. Default max(20, h). */
  readonly starts?: number | undefined;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Rows [n, ...row]. */
interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface DeepClustering {
  /** The network's parameters, moved by clustering, in the shape of its tree. */
  readonly parameters: TrainedTree;
  /** [k, h]. A centre that is no row's nearest is left out. */
  readonly centers: TrainedParameter;
  /** The cluster of each row, argmax_j q_ij. */
  readonly labels: Uint32Array;
  /** Rows of each cluster. */
  readonly sizes: Uint32Array;
  /** KL(P ‖ Q) a row and the part of the rows that changed cluster, of each epoch. */
  readonly history: readonly { readonly epoch: number; readonly loss: number; readonly changed: number }[];
  /** Whether it ended by the tolerance. */
  readonly converged: boolean;
}

type TrainedTree = TrainedParameter | readonly TrainedTree[] | { readonly [name: string]: TrainedTree };

/** The compiler cannot follow trees of any depth, so it is told of one without branches. */
type Leaves = Readonly<Record<string, Parameter>>;

function argmaxOfRows(values: Float32Array, columns: number): Uint32Array {
  return Uint32Array.from({ length: values.length / columns }, (_, row) => {
    let best = row * columns;
    for (let at = best + 1; at < (row + 1) * columns; at++) if (values[at]! > values[best]!) best = at;
    return best - row * columns;
  });
}

function partChanged(before: Uint32Array, after: Uint32Array): number {
  return after.reduce((count, label, i) => count + (label === before[i] ? 0 : 1), 0) / after.length;
}

/** Leaves centres out that are no row's nearest. */
function occupied(centers: TrainedParameter, labels: Uint32Array) {
  const [clusters = 0, latent = 0] = centers.shape;
  const counts = new Uint32Array(clusters);
  for (const label of labels) counts[label]! += 1;
  const kept = [...counts.keys()].filter((cluster) => counts[cluster]! > 0);
  const data = new Float32Array(kept.length * latent);
  kept.forEach((cluster, i) => {
    data.set(centers.data.subarray(cluster * latent, (cluster + 1) * latent), i * latent);
  });
  return {
    centers: { shape: [kept.length, latent], data },
    labels: labels.map((label) => kept.indexOf(label)),
    sizes: Uint32Array.from(kept, (cluster) => counts[cluster]!),
  };
}

/** The codes [n, h] that a network with these parameters gives the rows. */
export function encodeRows(
  network: CodeNetwork,
  parameters: unknown,
  rows: Rows,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const constants = asConstants(parameters as Readonly<Record<string, TrainedParameter>>);
  const { elementsPerRow } = network;
  return evaluateRows((x) => network.encode(constants, x), rows, { elementsPerRow, signal });
}

/**
 * Deep embedded clustering (Xie, Girshick & Farhadi 2016): k-means on the codes of a trained network, whose
 * centres then move together with the network, so that each row's soft assignment q comes nearer to its
 * sharpened copy p. There is no loss of reconstruction.
 *
 * Deterministic for a seed. Throws the signal's reason when aborted, and as the engine's `train`.
 */
export async function deepEmbeddedClustering(
  network: CodeNetwork,
  rows: Rows,
  options: DeepClusteringOptions,
): Promise<DeepClustering> {
  const { seed, signal, target, tolerance, epochs } = options;
  const { latent } = network;
  const [count = 0] = rows.shape;
  const start = mapParameters(network.parameters, ({ shape, initial }) => ({ shape, data: initial }));
  const codes = await encodeRows(network, start, rows, signal);
  const { centers } = await kMeans(codes, latent, {
    clusters: options.clusters,
    starts: options.starts ?? Math.max(20, latent),
    maxIterations: 300,
    tolerance: 1e-4,
    seed,
    signal,
  });
  const clusters = centers.length / latent;
  const parameters = {
    network: network.parameters as unknown as Leaves,
    centers: { shape: [clusters, latent], initial: Float32Array.from(centers) },
  };
  const assign = (moved: { network: unknown; centers: TrainedParameter }) => {
    const constants = asConstants(moved.network as Readonly<Record<string, TrainedParameter>>);
    const centers = asConstants(moved.centers);
    const q = (x: Float) => exp(softAssignment(network.encode(constants, x), centers));
    return evaluateRows(q, rows, {
      elementsPerRow: Math.max(network.elementsPerRow, clusters * latent),
      signal,
    });
  };

  let labels: Uint32Array | undefined;
  let converged = false;
  const changes: number[] = [];
  /** Takes the labels after an epoch. Returns whether so few rows changed that clustering is done. */
  const settle = (q: Float32Array): boolean => {
    const next = argmaxOfRows(q, clusters);
    if (labels) changes.push(partChanged(labels, next));
    labels = next;
    converged = (changes.at(-1) ?? 1) < tolerance;
    return converged;
  };
  if (epochs === 0 || clusters === 1) {
    const first = {
      network: start,
      centers: { shape: [clusters, latent], data: Float32Array.from(centers) },
    };
    settle(await assign(first));
    return {
      parameters: start as TrainedTree,
      ...occupied(first.centers, labels!),
      history: [],
      converged: clusters === 1,
    };
  }

  const codeNoise: NoiseSpec = { shape: [latent], distribution: "normal" };
  const isFull = target === "fullData";
  const result = await train(
    {
      parameters,
      data: {
        x: rows,
        // Its values come before the first epoch.
        p: { data: new Float32Array(count * clusters) as Float32Array, shape: [count, clusters] },
      },
      noise: options.code === "sampled" ? { code: codeNoise } : ({} as Record<"code", NoiseSpec>),
      loss({ parameters: moved, batch, noise }) {
        const state: StateUpdate[] = [];
        const z = network.encode(moved.network, batch.x, { noise: noise.code, updates: state });
        const logQ = softAssignment(z, moved.centers);
        return { loss: clusteringLoss(isFull ? batch.p : batchTarget(logQ), logQ), state };
      },
      refresh: async (_, moved) => {
        const q = await assign(moved);
        if (settle(q)) return { stop: true };
        if (!isFull) return {};
        return { data: { p: { data: targetDistribution(q, clusters), shape: [count, clusters] } } };
      },
    },
    {
      optimizer: sgd({ learningRate: options.learningRate, momentum: options.momentum }),
      batchSize: Math.min(options.batchSize, count),
      epochs,
      seed,
      ...(signal && { signal }),
      ...(options.threads !== undefined && { threads: options.threads }),
      ...(options.onProgress && { onProgress: options.onProgress }),
    },
  );
  if (!result.stoppedEarly) settle(await assign(result.parameters));
  return {
    parameters: result.parameters.network as unknown as TrainedTree,
    ...occupied(result.parameters.centers, labels!),
    history: result.history.map(({ epoch, loss }, i) => ({ epoch, loss, changed: changes[i]! })),
    converged,
  };
}
