import { load, tableFormatOf } from "surprisal";
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

/** Scores chunk by chunk into the writer; memory holds one chunk. */
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
  const progress = context.progress("score");
  let rows = 0;
  let anomalies = 0;
  try {
    const chunks = streamSamples(
      context.text("data"),
      model,
      readingOptions(context),
      context.list("keep") ?? [],
    );
    for await (const { samples, kept, total } of chunks) {
      const scores = await model.score(samples, {
        threshold,
        firstRow: rows,
        ...(outputs === undefined ? {} : { outputs }),
        ...(signal === undefined ? {} : { signal }),
      });
      await writer.write(scoreTable(model, scores, rows, kept));
      rows += scores.scores.length;
      for (const flagged of scores.isAnomaly) if (flagged) anomalies++;
      progress.update(total === undefined ? undefined : rows / total, plural(rows, "row"));
    }
    signal?.throwIfAborted();
  } finally {
    progress.stop();
    await model.close();
  }
  return {
    rows,
    anomalies,
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
  const { rows, anomalies, threshold, seconds } = totals;
  const text =
    `${plural(rows, "row")} scored in ${formatSeconds(seconds)}, ${formatCount(anomalies)} above the threshold ` +
    `${formatNumber(threshold, 6)}${path === undefined ? "" : `: ${path}`}\n`;
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
    ...readOptions,
  ],
  examples: [
    ["surprisal score model.onnx new.parquet --out scores.csv", "into a file"],
    ["surprisal score model.onnx new.csv | head", "to the standard output"],
    ["surprisal score model.onnx new.csv --keep id,name --out scores.parquet", "beside columns of the data"],
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
