import { type ClassifierState, trainedClassifier } from "../../classification/index.js";
import type { FitContext, Learned, PreparedData, RowShape } from "../../detector/index.js";
import { classifierElements, evaluateRows } from "../../networks/index.js";
import {
  type ClassifierConfidenceState,
  fitOnLabels,
  type LabelledRows,
} from "../classifier-confidence/fit.js";
import { type Clusters, fitClusters } from "../dec/fit.js";
import { type CladOptions, classifierOptions } from "./options.js";

export const NAME = "clad";

/** The classifier of the clusters, and these where they are kept. */
export interface CladState extends ClassifierConfidenceState {
  readonly clusters?: Clusters;
}

/** The options with the body of the autoencoder that suits the rows. */
function withBody({ shape }: Pick<RowShape, "shape">, options: CladOptions): CladOptions {
  const [height = 0, width = 0] = shape;
  const suits = shape.length > 1 && [height, width].every((side) => side % 4 === 0 && side >= 8);
  return { ...options, body: options.body ?? (suits ? "clad" : "dense") };
}

/** The part of the rows whose cluster the classifier tells, by its running statistics. */
async function accuracyOf(
  state: ClassifierState,
  { prepared, labels }: LabelledRows,
  signal: AbortSignal | undefined,
): Promise<number> {
  const classify = trainedClassifier(state);
  const elementsPerRow = classifierElements(state.body, state.row);
  const logits = await evaluateRows((x) => classify(x).logits, prepared, { elementsPerRow, signal });
  const { classes } = state;
  const isRight = (label: number, row: number) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return own.every((value) => value <= own[label]!);
  };
  return labels.reduce((count, label, row) => count + (isRight(label, row) ? 1 : 0), 0) / labels.length;
}

/** Parts of the work, as progress counts it: that of the clusters, and the rest, of the classifier. */
const CLUSTERS_PART = 0.5;

/** All stages, from rows to a classifier of their clusters. */
export async function fitClad(
  prepared: PreparedData,
  given: CladOptions,
  { seed, signal, threads, onProgress }: FitContext,
): Promise<Learned<CladState>> {
  const options = withBody({ shape: prepared.shape.slice(1) }, given);
  const contextFor = (start: number, part: number): FitContext => ({
    seed,
    ...(signal && { signal }),
    ...(threads !== undefined && { threads }),
    onProgress: (progress) => onProgress({ ...progress, fraction: start + part * progress.fraction }),
  });
  const {
    state: clusters,
    summary,
    clustering,
  } = await fitClusters(NAME, prepared, options, contextFor(0, CLUSTERS_PART));
  const { labels, sizes } = clustering;
  const rows = { prepared, labels };
  // Rows that form a single cluster are told from one that has none: they look alike then.
  const count = Math.max(2, sizes.length);
  const context = contextFor(CLUSTERS_PART, 1 - CLUSTERS_PART);
  const {
    state,
    history,
    summary: learned = {},
  } = await fitOnLabels(NAME, rows, count, classifierOptions(options), context);
  const { score = "", epsilon = 0, network = "", parameters = 0, steps = 0 } = learned;
  return {
    state: { ...state, ...(options.keepClusters && { clusters }) },
    ...(history && { history }),
    summary: {
      ...summary,
      network,
      classifierParameters: parameters,
      classifierSteps: steps,
      classifierAccuracy: await accuracyOf(state.classifier, rows, signal),
      score,
      temperature: options.temperature,
      epsilon,
    },
  };
}
