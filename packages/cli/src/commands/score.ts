import {
  countPValues,
  type FittedDetector,
  load,
  type ScoreOptions,
  selectionLimit,
  tableFormatOf,
} from "surprisal";
import type { CommandSpec, Context } from "../command.js";
import { streamSamples } from "../data-source.js";
import { UsageError } from "../faults.js";
import { formatCount, formatNumber, formatSeconds, plural, shortFloat32, toMilliseconds } from "../format.js";
import { write } from "../io.js";
import { refuseUnwritable } from "../out-file.js";
import { readingOptions, readOptions } from "../reading-options.js";
import { scoreTable } from "../score-rows.js";
import { csvWriter, fileWriter, jsonWriter, type RowWriter } from "../stream-writers.js";

interface Totals {
  readonly rows: number;
  readonly anomalies: number;
  /** Rows selected at the rate asked for. */
  readonly selected?: number;
  readonly threshold: number;
  readonly seconds: number;
}

async function openWriter(context: Context, path: string | undefined): Promise<RowWriter> {
  if (path !== undefined) {
    if (tableFormatOf(path) === undefined) {
      throw new UsageError(
        `--out: "${path}" does not say its format`,
        "End it in .csv, .tsv, .parquet, .json or .ndjson.",
      );
    }
    await refuseUnwritable("--out", path);
    return fileWriter(path);
  }
  return context.json ? jsonWriter(context.io) : csvWriter(context.io);
}

interface Scoring {
  readonly model: FittedDetector;
  readonly options: ScoreOptions;
  /** Told of the rows scored so far, and of those in all where that is known. */
  readonly onRows: (rows: number, total: number | undefined) => void;
}

/** The data's chunks with their scores, in their order; memory holds one chunk. */
async function* scoreChunks(context: Context, { model, options, onRows }: Scoring, keep: readonly string[]) {
  let rows = 0;
  for await (const { samples, kept, total } of streamSamples(
    context.text("data"),
    model,
    readingOptions(context),
    keep,
  )) {
    const scores = await model.score(samples, { ...options, firstRow: rows });
    yield { scores, kept, first: rows };
    rows += scores.scores.length;
    onRows(rows, total);
  }
}

/** The rate of `--fdr`, where it is given and can be kept. */
function wantedRate(context: Context, model: FittedDetector): number | undefined {
  const fdr = context.number("fdr");
  if (fdr === undefined) return undefined;
  if (!(fdr > 0 && fdr < 1)) throw new UsageError(`--fdr is ${fdr}; it must lie between 0 and 1`);
  if (model.metadata.calibration.rows === 0) {
    throw new UsageError(
      "--fdr needs p-values, but this model was fitted without calibration rows",
      "Fit it again with --calibration 0.2.",
    );
  }
  return fdr;
}

/** The largest p-value to select, from a first pass over all rows that keeps no more than counts. */
async function limitOf(context: Context, scoring: Scoring, fdr: number): Promise<number> {
  const counts = new Map<number, number>();
  for await (const { scores } of scoreChunks(context, scoring, [])) countPValues(scores.pValues!, counts);
  return selectionLimit(counts, { fdr });
}

/** Scores chunk by chunk into the writer. */
async function scoreInto(context: Context, writer: RowWriter): Promise<Totals> {
  const started = performance.now();
  const model = await load(context.text("model"));
  const { signal } = context;
  const outputs = context.list("outputs");
  const threshold = context.number("threshold") ?? model.threshold;
  const unknown = outputs?.find((name) => !model.metadata.outputs.includes(name));
  if (unknown !== undefined) {
    const known = model.metadata.outputs;
    throw new UsageError(
      `--outputs: ${model.name} has no further output "${unknown}"`,
      known.length === 0 ? "This model has none." : `This model has ${known.join(", ")}.`,
    );
  }
  const fdr = wantedRate(context, model);
  const progress = context.progress("score");
  const passes = fdr === undefined ? 1 : 2;
  const onRows = (pass: number) => (rows: number, total: number | undefined) =>
    progress.update(total === undefined ? undefined : (pass + rows / total) / passes, plural(rows, "row"));
  const cancel = signal === undefined ? {} : { signal };
  let rows = 0;
  let anomalies = 0;
  let selected = 0;
  try {
    const limit =
      fdr === undefined
        ? undefined
        : await limitOf(context, { model, options: cancel, onRows: onRows(0) }, fdr);
    const options = { threshold, ...(outputs === undefined ? {} : { outputs }), ...cancel };
    const scoring = { model, options, onRows: onRows(passes - 1) };
    for await (const { scores, kept, first } of scoreChunks(context, scoring, context.list("keep") ?? [])) {
      const chosen = limit === undefined ? undefined : Array.from(scores.pValues!, (p) => p <= limit);
      await writer.write(scoreTable(model, scores, first, kept, chosen));
      rows += scores.scores.length;
      for (const flagged of scores.isAnomaly) if (flagged) anomalies++;
      for (const flag of chosen ?? []) if (flag) selected++;
    }
    signal?.throwIfAborted();
  } finally {
    progress.stop();
    await model.close();
  }
  return {
    rows,
    anomalies,
    ...(fdr === undefined ? {} : { selected }),
    threshold: shortFloat32(threshold),
    seconds: toMilliseconds((performance.now() - started) / 1000),
  };
}

async function printTotals(context: Context, totals: Totals, path: string | undefined): Promise<void> {
  const { io, json, quiet } = context;
  if (json) {
    const rest = JSON.stringify({ ...totals, ...(path === undefined ? {} : { out: path }) });
    return write(io.stdout, path === undefined ? `, ${rest.slice(1)}\n` : `${rest}\n`);
  }
  if (quiet) return;
  const { rows, anomalies, selected, threshold, seconds } = totals;
  const choice = selected === undefined ? "" : `, ${formatCount(selected)} selected`;
  const text =
    `${plural(rows, "row")} scored in ${formatSeconds(seconds)}, ${formatCount(anomalies)} above the threshold ` +
    `${formatNumber(threshold, 6)}${choice}${path === undefined ? "" : `: ${path}`}\n`;
  // The rows themselves have the standard output when they go there.
  await write(path === undefined ? io.stderr : io.stdout, text);
}

export const scoreCommand: CommandSpec = {
  name: "score",
  summary: "score rows with a fitted detector",
  description:
    "Scores rows in chunks, so that the data may be larger than the memory, in the order of the data. " +
    "The result has the columns row (from 0), score, p_value (empty without calibration rows) and is_anomaly " +
    "(1 where the score is above the threshold).",
  arguments: [
    { name: "model", description: "the ONNX file of a fitted detector", required: true },
    { name: "data", description: "a path, sql:QUERY or dataset:NAME (see surprisal --help)", required: true },
  ],
  options: [
    {
      name: "out",
      kind: "text",
      value: "FILE",
      description:
        "where the result goes: .csv, .tsv, .parquet, .json or .ndjson; default: the standard output, as CSV",
    },
    {
      name: "outputs",
      kind: "list",
      value: "NAMES",
      description: "further outputs of the model as columns, see surprisal inspect",
    },
    {
      name: "keep",
      kind: "list",
      value: "COLUMNS",
      description: "columns of the data to copy into the result; all: every column",
    },
    { name: "threshold", kind: "number", value: "VALUE", description: "another threshold than the model's" },
    {
      name: "fdr",
      kind: "number",
      value: "RATE",
      description:
        "add the column selected: anomalies of which on average at most this part is normal; reads the data twice",
    },
    ...readOptions,
  ],
  examples: [
    ["surprisal score model.onnx new.parquet --out scores.csv", "into a file"],
    ["surprisal score model.onnx new.csv | head", "to the standard output"],
    ["surprisal score model.onnx new.csv --keep id,name --out scores.parquet", "beside columns of the data"],
    ["surprisal score model.onnx new.csv --fdr 0.1", "choose anomalies of which at most a tenth are false"],
    ["surprisal score vae.onnx new.csv --outputs elbo --json", "one JSON object with a further output"],
  ],
  run: async (context) => {
    const path = context.optionalText("out");
    const writer = await openWriter(context, path);
    let totals: Totals;
    try {
      totals = await scoreInto(context, writer);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    await writer.close();
    await printTotals(context, totals, path);
  },
};
