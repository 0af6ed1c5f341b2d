import {
  concat,
  emitModel,
  greater,
  input,
  openSession,
  simplify,
  slice,
  sum,
  type Tensor,
} from "@surprisal/engine";
import type { z } from "zod";
import { METADATA_VERSION, type Metadata, metadataEntry } from "../artifact/index.js";
import { type ConformalTable, conformalGraph, conformalTable } from "../calibration/index.js";
import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { fitPreprocess, type Preprocess, preprocessGraph } from "../preprocess/index.js";
import { fitThreshold, type ThresholdRule } from "../thresholds/index.js";
import { version } from "../version.js";
import { toFeeds } from "./feeds.js";
import { fingerprint } from "./fingerprint.js";
import { fittedFromBytes } from "./fitted.js";
import type { commonOptions } from "./options.js";
import { readSamples, refuseBadValues, type SampleRows, takeSampleRows } from "./samples.js";
import { splitRows } from "./split.js";
import type {
  DetectorDefinition,
  FitOptions,
  FittedDetector,
  Learned,
  PreparedData,
  Samples,
} from "./types.js";

type Common = z.output<typeof commonOptions>;
type Definition<Options, State> = Omit<DetectorDefinition<Options, State>, "options">;

/** Elements of the largest intermediate value in one call of a scoring program: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

/** Rows prepared in one call: bounds the copy that a program makes of them. */
const PREPARE_ROWS = 16_384;

/** The rows after preprocessing, by the same graph that the file will hold. */
async function prepare(
  rows: SampleRows,
  preprocess: Preprocess,
  signal?: AbortSignal,
): Promise<PreparedData> {
  const { prepared, inputs } = preprocessGraph(preprocess);
  const session = await openSession(emitModel({ outputs: { prepared }, inputs }));
  try {
    const width = preprocess.shape.reduce((a, b) => a * b, 1);
    const data =
      preprocess.dtype === "float64"
        ? new Float64Array(rows.rowCount * width)
        : new Float32Array(rows.rowCount * width);
    for (let from = 0; from < rows.rowCount; from += PREPARE_ROWS) {
      signal?.throwIfAborted();
      const to = Math.min(rows.rowCount, from + PREPARE_ROWS);
      const part = await session.run(toFeeds(rows, preprocess.input, from, to));
      data.set(part.prepared!.data as Float32Array, from * width);
    }
    return { data, shape: [rows.rowCount, ...preprocess.shape], features: preprocess.features };
  } finally {
    await session.close();
  }
}

/** Contributions of prepared features added up for each column of the source. */
function byColumn(contributions: Tensor<"float32">, preprocess: Preprocess): Tensor<"float32"> {
  if (preprocess.input.kind !== "table") return contributions;
  let start = 0;
  const parts = preprocess.input.columns.map((column) => {
    const width = column.kind === "numeric" ? 1 : column.levels.length;
    const part = slice(contributions, { 1: { start, end: start + width } });
    start += width;
    return width === 1 ? part : sum(part, { axis: 1, keepDims: true });
  });
  return parts.length === start ? contributions : concat(parts, 1);
}

interface FilePlan<Options, State> {
  readonly definition: Definition<Options, State>;
  readonly options: Options;
  readonly preprocess: Preprocess;
  readonly state: State;
}

/** The graph from the file's inputs to its scores. */
function scoringGraph<Options, State>({ definition, options, preprocess, state }: FilePlan<Options, State>) {
  const { prepared, inputs } = preprocessGraph(preprocess);
  const graph = definition.graph(prepared, state, options);
  const outputs: Record<string, Tensor> = { ...graph.outputs };
  if (graph.contributions) outputs.contribution = byColumn(graph.contributions, preprocess);
  if (graph.reconstruction) outputs.reconstruction = graph.reconstruction;
  const width = preprocess.shape.reduce((a, b) => a * b, 1);
  const rows = Math.floor(ELEMENTS_PER_CALL / (graph.elementsPerRow ?? width));
  const batchSize = Math.max(1, Math.min(8192, rows));
  return { inputs, score: graph.score, outputs, batchSize };
}

async function scoresOf(
  model: Uint8Array,
  rows: SampleRows,
  schema: Preprocess["input"],
  batchSize: number,
  signal?: AbortSignal,
) {
  const session = await openSession(model);
  try {
    const scores = new Float32Array(rows.rowCount);
    for (let from = 0; from < rows.rowCount; from += batchSize) {
      signal?.throwIfAborted();
      const to = Math.min(rows.rowCount, from + batchSize);
      const part = await session.run(toFeeds(rows, schema, from, to));
      scores.set(part.score!.data as Float32Array, from);
    }
    return scores;
  } finally {
    await session.close();
  }
}

function defaultRule(calibrationRows: number): ThresholdRule {
  // With fewer rows than 1 / rate, no threshold can promise that rate.
  if (calibrationRows >= 19) return { rule: "falsePositiveRate", rate: 0.05 };
  return { rule: "contamination", fraction: 0.05 };
}

/** Scores of normal rows and of anomalies as one labelled set. */
function joined(
  normals: Float32Array,
  anomalies: Float32Array,
): { scores: Float32Array; labels: Uint8Array } {
  const scores = new Float32Array(normals.length + anomalies.length);
  scores.set(normals);
  scores.set(anomalies, normals.length);
  return { scores, labels: new Uint8Array(scores.length).fill(1, normals.length) };
}

function finalModel(
  graph: ReturnType<typeof scoringGraph>,
  threshold: number,
  table: ConformalTable | undefined,
  metadata: Metadata,
): Uint8Array {
  const limit = input("threshold", [], "float32", { defaultValue: Float32Array.of(threshold) });
  const outputs: Record<string, Tensor> = {
    score: graph.score,
    ...(table && { p_value: conformalGraph(graph.score, table) }),
    is_anomaly: greater(graph.score, limit),
    ...graph.outputs,
  };
  const names = Object.keys(outputs);
  const simplified = simplify(Object.values(outputs));
  return emitModel({
    name: metadata.detector.name,
    outputs: Object.fromEntries(names.map((name, i) => [name, simplified[i]!])),
    inputs: [...graph.inputs, "threshold"],
    metadata: metadataEntry(metadata),
  });
}

/** Fits a detector: the one way from rows to a file. */
export async function fitDetector<Options, State>(
  definition: Definition<Options, State>,
  options: Options & Common,
  samples: Samples,
  fitOptions: FitOptions,
): Promise<FittedDetector> {
  const { signal, onProgress, labels, source } = fitOptions;
  signal?.throwIfAborted();
  const started = performance.now();
  onProgress?.({ stage: "prepare", fraction: 0 });
  const rows = readSamples(samples);
  if (rows.rowCount === 0) throw new SurprisalError("there are no rows to fit");
  const missing = options.missing ?? (rows.mayMiss ? "median" : "refuse");
  refuseBadValues(rows, () => rows.kind === "table" && missing !== "refuse");
  const split = splitRows(rows.rowCount, labels, options.calibration, options.seed);
  const trainingRows = takeSampleRows(rows, split.training);
  const wanted = definition.prepare(options, rows.kind);
  const preprocess = fitPreprocess(trainingRows, {
    scaling: options.scaling ?? wanted.scaling,
    missing,
    maxCategories: options.maxCategories,
    dtype: wanted.dtype,
    clip: wanted.clip ?? false,
  });
  const data = await prepare(trainingRows, preprocess, signal);

  const learned: Learned<State> = await definition.fit(data, options, {
    seed: options.seed,
    ...(signal && { signal }),
    onProgress: (progress) =>
      onProgress?.({ ...progress, stage: "train", fraction: 0.9 * progress.fraction }),
  });
  signal?.throwIfAborted();

  onProgress?.({ stage: "calibrate", fraction: 0.9 });
  const graph = scoringGraph({ definition, options, preprocess, state: learned.state });
  const scorer = emitModel({ outputs: { score: simplify([graph.score])[0]! }, inputs: graph.inputs });
  const score = (indices: Uint32Array) =>
    scoresOf(scorer, takeSampleRows(rows, indices), preprocess.input, graph.batchSize, signal);
  const calibration = await score(split.calibration);
  const rule = options.threshold ?? defaultRule(calibration.length);
  const anomalies = rule.rule === "bestF1" ? await score(split.anomalies) : new Float32Array(0);
  if (rule.rule === "bestF1" && (anomalies.length === 0 || calibration.length === 0)) {
    throw new SurprisalError(
      'threshold rule "bestF1" needs labels with at least one anomaly, and calibration rows; give labels, or choose another rule',
    );
  }
  const fitted = fitThreshold(rule, {
    ...(rule.rule === "contamination" && { training: await score(split.training) }),
    calibration,
    validation: joined(calibration, anomalies),
  });
  const threshold = floorFloat32(fitted.threshold);

  onProgress?.({ stage: "write", fraction: 0.97 });
  const metadata: Metadata = {
    version: METADATA_VERSION,
    library: { name: "surprisal", version },
    detector: {
      name: definition.name,
      title: definition.title,
      version: definition.version,
      options: { ...options },
    },
    input: preprocess.input,
    features: preprocess.input.kind === "table" ? preprocess.input.columns.map(({ name }) => name) : [],
    outputs: Object.keys(graph.outputs),
    batchSize: graph.batchSize,
    threshold: { value: threshold, rule: { ...rule } },
    calibration: { rows: calibration.length },
    training: {
      ...(source !== undefined && { source }),
      rows: split.training.length,
      anomalies: split.anomalies.length,
      fingerprint: await fingerprint(trainingRows),
      seconds: (performance.now() - started) / 1000,
      summary: { ...learned.summary },
      history: (learned.history ?? []).map((epoch) => ({ ...epoch, metrics: { ...epoch.metrics } })),
    },
    metrics: {},
  };
  const table = calibration.length > 0 ? conformalTable(calibration) : undefined;
  const model = finalModel(graph, threshold, table, metadata);
  onProgress?.({ stage: "write", fraction: 1 });
  return fittedFromBytes(model, "the model");
}
