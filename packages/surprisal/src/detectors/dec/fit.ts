import {
  mapParameters,
  type Parameter,
  randomStream,
  type StateUpdate,
  type Tensor,
  type TrainedParameter,
} from "@surprisal/engine";
import {
  type CodeNetwork,
  type DeepClustering,
  type DeepClusteringOptions,
  deepEmbeddedClustering,
} from "../../clustering/index.js";
import { largestLayer, limited, networkFor, networkSummary, trainingOf } from "../../deep/index.js";
import type { FitContext, Learned, PreparedData, RowShape } from "../../detector/index.js";
import { trainDeep } from "../../detector/train-deep.js";
import { parameterCount } from "../../networks/index.js";
import {
  type Autoencoder,
  type AutoencoderShape,
  autoencoderTraining,
  encode,
} from "../autoencoder/model.js";
import type { ClusteringOptions } from "./options.js";

type Float = Tensor<"float32">;

/** Encoder of a trained autoencoder. */
export type CodeParameters<T> = Pick<Autoencoder<T>, "encoder" | "code">;

/** Clusters of codes: plain data. */
export interface Clusters {
  readonly shape: AutoencoderShape;
  readonly parameters: CodeParameters<TrainedParameter>;
  /** [k, h]. */
  readonly centers: TrainedParameter;
}

/** The autoencoder that the options name, for such rows. Throws a `SurprisalError` naming an option that does not fit. */
export function codeShape(name: string, row: RowShape, options: ClusteringOptions): AutoencoderShape {
  const { inputDropout, codeNoise } = options;
  return {
    network: networkFor(name, row, options),
    loss: "squaredError",
    output: row.columns.length > 0 ? "linear" : "sigmoid",
    codeNoise,
    corruption: { kind: inputDropout > 0 ? "dropout" : "none", level: inputDropout },
    sparsity: "none",
    sparsityWeight: 0,
    sparsityTarget: 0.5,
  };
}

/** Parameters of an encoder before training. */
export function initialEncoder(shape: AutoencoderShape, seed: number): CodeParameters<Parameter> {
  const stream = randomStream(seed, "parameters");
  const { encoder, code } = autoencoderTraining(shape).parameters(stream) as Autoencoder<Parameter>;
  return { encoder, code };
}

/** The mean codes [N, h] of prepared rows. */
export function codesOf(
  parameters: CodeParameters<Float>,
  shape: AutoencoderShape,
  x: Float,
  training?: { readonly noise?: Float | undefined; readonly updates?: StateUpdate[] | undefined },
): Float {
  return encode(parameters as Autoencoder<Float>, shape, limited(x), training);
}

/** Rows as learned from, and what the first stage found. */
interface Pretrained {
  readonly shape: AutoencoderShape;
  readonly parameters: CodeParameters<TrainedParameter>;
}

/** Stage 1: trains an autoencoder of prepared rows. */
async function pretrainCodes(
  name: string,
  prepared: PreparedData,
  options: ClusteringOptions,
  context: FitContext,
): Promise<Learned<Pretrained>> {
  const row: RowShape = { shape: prepared.shape.slice(1), columns: prepared.columns };
  const shape = codeShape(name, row, options);
  const { pretrainingEpochs: epochs, pretrainingLearningRate: learningRate, batchSize } = options;
  const training = trainingOf({
    learningRate,
    batchSize,
    schedule: "constant",
    epochs,
    steps: undefined,
    patience: 0,
    validation: 0,
  });
  const model = { ...autoencoderTraining(shape), training, summary: {} };
  const { state, history, summary } = await trainDeep(name, model as never, prepared, context);
  const { encoder, code } = state as unknown as Autoencoder<TrainedParameter>;
  return {
    state: { shape, parameters: { encoder, code } },
    ...(history && { history }),
    summary: {
      ...networkSummary(shape.network),
      ...summary,
      reconstructionError: (history?.at(-1)?.loss ?? Number.NaN) / shape.network.width,
    },
  };
}

/** Trained parameters as those that another training starts from. */
function startingFrom(
  tree: CodeParameters<Parameter>,
  trained: CodeParameters<TrainedParameter>,
): CodeParameters<Parameter> {
  return mapParameters(tree, (parameter, path) => {
    const found = path
      .split(".")
      .reduce((part, key) => (part as Record<string, unknown>)[key], trained as unknown);
    return { ...parameter, initial: (found as TrainedParameter).data };
  }) as CodeParameters<Parameter>;
}

/** A trained encoder as what deep embedded clustering takes. */
function codeNetwork({ shape, parameters }: Pretrained): CodeNetwork<CodeParameters<Float>> {
  return {
    parameters: startingFrom(initialEncoder(shape, 0), parameters),
    latent: shape.network.latent,
    elementsPerRow: largestLayer(shape.network.encoder, shape.network.width),
    encode: (tensors, x, training) => codesOf(tensors, shape, x, training),
  };
}

/** Stages 1 and 2: an autoencoder, and the clusters of its codes. */
export async function fitClusters(
  name: string,
  prepared: PreparedData,
  options: ClusteringOptions,
  context: FitContext,
): Promise<Learned<Clusters> & { readonly clustering: DeepClustering }> {
  const { seed, signal, threads, onProgress } = context;
  const partOfWork = 0.7;
  const pretrained = await pretrainCodes(name, prepared, options, {
    ...context,
    onProgress: (progress) => onProgress({ ...progress, fraction: partOfWork * progress.fraction }),
  });
  const settings: DeepClusteringOptions = {
    clusters: options.clusters,
    epochs: options.clusteringEpochs,
    batchSize: options.batchSize,
    learningRate: options.clusteringLearningRate,
    momentum: 0.9,
    tolerance: options.tolerance,
    target: options.target,
    code: options.codeNoise === "learned" ? options.clusteringCode : "mean",
    starts: options.starts,
    seed,
    signal,
    threads,
    onProgress: ({ step, steps, epoch, epochs, loss, samplesPerSecond, secondsLeft }) =>
      onProgress({
        fraction: partOfWork + (1 - partOfWork) * (step / steps),
        epoch,
        epochs,
        loss,
        rowsPerSecond: samplesPerSecond,
        secondsLeft,
      }),
  };
  const rows = { data: prepared.data as Float32Array, shape: prepared.shape };
  const clustering = await deepEmbeddedClustering(
    codeNetwork(pretrained.state) as CodeNetwork,
    rows,
    settings,
  );
  const { sizes, history } = clustering;
  return {
    state: {
      shape: pretrained.state.shape,
      parameters: clustering.parameters as unknown as CodeParameters<TrainedParameter>,
      centers: clustering.centers,
    },
    history: pretrained.history ?? [],
    summary: {
      ...pretrained.summary,
      clusters: sizes.length,
      clusterSizes: [...sizes].join(" "),
      clusteringEpochs: history.length,
      ...(history.length > 0 && {
        clusteringLoss: history.at(-1)!.loss,
        changedClusters: history.at(-1)!.changed,
      }),
    },
    clustering,
  };
}

/** Number of parameters of a dense encoder, infinite for convolutions. */
export const encoderSize = (shape: AutoencoderShape): number =>
  shape.network.encoder.kind === "dense"
    ? parameterCount(initialEncoder(shape, 0))
    : Number.POSITIVE_INFINITY;
