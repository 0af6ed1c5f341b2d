import { concat, emitModel, openSession, slice, sum, type Tensor } from "@surprisal/engine";
import type { InputSchema } from "../artifact/metadata.js";
import {
  fitPreprocess,
  type Preprocess,
  type PreprocessOptions,
  prepareColumns,
  preprocessGraph,
  type RawInputs,
  rawInputs,
} from "../preprocess/index.js";
import { alignRows, toFeeds } from "./feeds.js";
import type { SampleRows } from "./samples.js";
import type { DetectorDefinition, FitContext, PreparedColumn, PreparedData, TrainingEpoch } from "./types.js";

/** What learning from rows depends on beside a detector's own options. */
export interface LearnContext extends FitContext, Pick<PreprocessOptions, "missing" | "maxCategories"> {
  /** Rows labelled as anomalies, as the user gave them, where there are any: for supervised detectors. */
  readonly anomalyRows?: SampleRows;
  /** General rows as the user gave them, where there are any. */
  readonly generalRows?: SampleRows;
  /** For detectors that do not name a scaling themselves. */
  readonly scaling?: PreprocessOptions["scaling"];
}

export interface MemberGraph {
  /** `[N]`, higher is more anomalous. */
  readonly score: Tensor<"float32">;
  /** Further outputs by name, first axis N; `contribution` is `[N, columns]` of the rows' columns. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Elements of the largest intermediate value for one row. */
  readonly elementsPerRow: number;
}

/**
 * What a detector learned from rows as the user gave them: preprocessing and score as a graph from
 * the raw inputs. A file holds one; a combination holds several on the same inputs.
 */
export interface Member {
  /** What the raw inputs are. */
  readonly input: InputSchema;
  readonly graph: (inputs: RawInputs) => MemberGraph;
  readonly history?: readonly TrainingEpoch[];
  readonly summary?: Readonly<Record<string, number | string>>;
  /** The scores that the member's graph gives the rows it learned from, where there is a shorter way to them. */
  readonly trainingScores?: (signal?: AbortSignal) => Promise<Float32Array>;
}

/** Rows prepared in one call: bounds the copy that a program makes of them. */
const PREPARE_ROWS = 16_384;

const widthOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The columns of the prepared rows. */
function preparedColumns({ input }: Preprocess): PreparedColumn[] {
  if (input.kind !== "table") return [];
  return input.columns.map((column) => ({
    name: column.name,
    kind: column.kind,
    width: column.kind === "numeric" ? 1 : column.levels.length,
  }));
}

/** The rows after preprocessing: what the graph that the file will hold gives for them. */
async function prepare(
  rows: SampleRows,
  preprocess: Preprocess,
  signal?: AbortSignal,
): Promise<PreparedData> {
  const raw = rawInputs(preprocess.input);
  const { prepared, inputs } = preprocessGraph(preprocess, raw);
  const width = widthOf(preprocess.shape);
  const described = {
    shape: [rows.rowCount, ...preprocess.shape],
    width,
    features: preprocess.features,
    columns: preparedColumns(preprocess),
  };
  if (prepared === raw.X && rows.dtype !== "uint8") {
    return { data: rows.data as Float32Array | Float64Array, ...described };
  }
  if (rows.kind === "table" && rows.categoryNames.length === 0) {
    return { data: prepareColumns(rows, preprocess), ...described };
  }
  const session = await openSession(emitModel({ outputs: { prepared }, inputs }));
  try {
    const data =
      preprocess.dtype === "float64"
        ? new Float64Array(rows.rowCount * width)
        : new Float32Array(rows.rowCount * width);
    for (let from = 0; from < rows.rowCount; from += PREPARE_ROWS) {
      signal?.throwIfAborted();
      const to = Math.min(rows.rowCount, from + PREPARE_ROWS);
      const part = await session.run(toFeeds(rows, preprocess.input, from, to), { handOver: true });
      data.set(part.prepared!.data as Float32Array, from * width);
    }
    return { data, ...described };
  } finally {
    await session.close();
  }
}

/** Contributions of prepared features added up for each column of the source. */
function byColumn(contributions: Tensor<"float32">, preprocess: Preprocess): Tensor<"float32"> {
  if (preprocess.input.kind !== "table") return contributions;
  let start = 0;
  const parts = preparedColumns(preprocess).map(({ width }) => {
    const part = slice(contributions, { 1: { start, end: start + width } });
    start += width;
    return width === 1 ? part : sum(part, { axis: 1, keepDims: true });
  });
  return parts.length === start ? contributions : concat(parts, 1);
}

/** Learns preprocessing and a detector of prepared rows from raw ones, whose values are usable. */
export async function learnFromPrepared<Options extends { scaling?: PreprocessOptions["scaling"] }, State>(
  definition: Pick<DetectorDefinition<Options, State>, "prepare" | "fit" | "graph" | "supervised">,
  options: Options,
  rows: SampleRows,
  context: LearnContext,
): Promise<Member> {
  const wanted = definition.prepare(options, rows.kind, rows.dtype);
  const preprocess = fitPreprocess(rows, {
    scaling: options.scaling ?? context.scaling ?? wanted.scaling,
    missing: context.missing,
    maxCategories: context.maxCategories,
    dtype: wanted.dtype,
    clip: wanted.clip ?? false,
  });
  const data = await prepare(rows, preprocess, context.signal);
  const { anomalyRows, generalRows, ...fitContext } = context;
  const anomalies =
    definition.supervised && anomalyRows && (await prepare(anomalyRows, preprocess, context.signal));
  const general =
    generalRows && (await prepare(alignRows(generalRows, preprocess.input), preprocess, context.signal));
  const { state, history, summary, trainingScores } = await definition.fit(data, options, {
    ...fitContext,
    ...(anomalies && { anomalies }),
    ...(general && { general }),
  });
  context.signal?.throwIfAborted();
  return {
    input: preprocess.input,
    graph: (inputs) => {
      const { prepared } = preprocessGraph(preprocess, inputs);
      const graph = definition.graph(prepared, state, options);
      return {
        score: graph.score,
        outputs: {
          ...graph.outputs,
          ...(graph.contributions && { contribution: byColumn(graph.contributions, preprocess) }),
          ...(graph.reconstruction && { reconstruction: graph.reconstruction }),
        },
        elementsPerRow: graph.elementsPerRow ?? widthOf(preprocess.shape),
      };
    },
    ...(history && { history }),
    ...(summary && { summary }),
    ...(trainingScores && { trainingScores }),
  };
}
