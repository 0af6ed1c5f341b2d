import {
  type DetectorFactory,
  dropColumns,
  type FitOptions,
  type FitProgress,
  type FittedDetector,
  load,
  type Samples,
  selectColumns,
} from "surprisal";
import type { CommandSpec, Context } from "../command.js";
import { refuseConstantColumns } from "../constant-columns.js";
import { readLabelled } from "../data-source.js";
import { optionSpecs, readDetectorOptions } from "../detector-options.js";
import { allDetectors, findDetector, knownDetector } from "../detector-registry.js";
import { UsageError } from "../faults.js";
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatSeconds,
  plural,
  shortFloat32,
  toMilliseconds,
} from "../format.js";
import { write } from "../io.js";
import { kebabCase } from "../option-spec.js";
import { refuseUnwritable } from "../out-file.js";
import type { Progress } from "../progress.js";
import { kindOptions, readingOptions, readOptions } from "../reading-options.js";
import { alignColumns } from "../style.js";

const stages = {
  prepare: "preparing",
  train: "training",
  calibrate: "calibrating",
  write: "writing",
} as const;

/** Passes the progress of a fit on in words. */
function showFit(progress: Progress): (at: FitProgress) => void {
  return ({ stage, fraction, epoch, epochs, loss, secondsLeft }) => {
    const parts = [
      epoch === undefined ? stages[stage] : `epoch ${epoch}${epochs === undefined ? "" : `/${epochs}`}`,
      ...(loss === undefined ? [] : [`loss ${formatNumber(loss)}`]),
      ...(secondsLeft === undefined ? [] : [`${formatSeconds(secondsLeft)} left`]),
    ];
    progress.update(fraction, parts.join(", "));
  };
}

/** The samples without the columns the user does not want. */
function wantedColumns(samples: Samples, context: Context): Samples {
  const drop = context.list("drop");
  const columns = context.list("columns");
  if (drop === undefined && columns === undefined) return samples;
  if (!("columns" in samples)) {
    throw new UsageError("--drop and --columns need data with named columns; arrays and images have none");
  }
  const kept = drop === undefined ? samples : dropColumns(samples, drop);
  return columns === undefined ? kept : selectColumns(kept, columns);
}

/** `contamination 0.02`; several values with their names. */
function ruleInWords({ rule, ...values }: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(values);
  return [rule, ...entries.map(([name, value]) => (entries.length > 1 ? `${name}=${value}` : value))].join(
    " ",
  );
}

async function printSummary(
  context: Context,
  model: FittedDetector,
  path: string,
  seconds: number,
): Promise<void> {
  const { io, json, style } = context;
  const { training, calibration, threshold, input } = model.metadata;
  const shape = input.kind === "table" ? plural(input.columns.length, "column") : input.shape.join(" x ");
  if (json) {
    const summary = {
      model: path,
      detector: model.name,
      rows: training.rows,
      anomaliesLeftOut: training.anomalies,
      calibrationRows: calibration.rows,
      threshold: shortFloat32(threshold.value),
      thresholdRule: threshold.rule,
      columns: input.kind === "table" ? input.columns.map(({ name }) => name) : undefined,
      shape: input.kind === "array" ? input.shape : undefined,
      summary: training.summary,
      seconds: toMilliseconds(seconds),
      bytes: model.bytes.length,
      fingerprint: training.fingerprint,
    };
    return write(io.stdout, `${JSON.stringify(summary)}\n`);
  }
  const rows = [
    ["detector", model.name],
    ["rows used", `${formatCount(training.rows)} (${shape})`],
    // A supervised detector says how many it learned from.
    training.summary.anomalies === undefined
      ? ["anomalies left out", formatCount(training.anomalies)]
      : ["anomalies learned", formatCount(Number(training.summary.anomalies))],
    [
      "calibration rows",
      `${formatCount(calibration.rows)} held out${calibration.rows === 0 ? ", so no p-values" : ""}`,
    ],
    ["threshold", `${formatNumber(threshold.value, 6)} (${ruleInWords(threshold.rule)})`],
    ["time", formatSeconds(seconds)],
    ["file", `${path}, ${formatBytes(model.bytes.length)}`],
  ];
  await write(io.stdout, alignColumns(rows.map(([name = "", text = ""]) => [style.dim(name), text])));
  if (!context.quiet) {
    await write(io.stdout, `\n${style.dim("next:")} surprisal score ${path} NEW_DATA --out scores.csv\n`);
  }
}

const detectorNames = allDetectors.map(({ detectorName }) => detectorName);

function chosenDetector(context: Context): DetectorFactory {
  const name = context.optionalText("detector");
  if (name === undefined) {
    throw new UsageError(
      "--detector is missing",
      `Detectors: ${detectorNames.join(", ")}. See surprisal detectors.`,
    );
  }
  return findDetector(name);
}

/** General rows and a detector of them, where the user gives any. */
async function generalOf(context: Context): Promise<Pick<FitOptions, "general" | "generalModel">> {
  const data = context.optionalText("general");
  const path = context.optionalText("generalModel");
  const read =
    data === undefined
      ? undefined
      : await readLabelled(data, { label: "none" }, readingOptions(context), "train");
  return {
    ...(read && { general: wantedColumns(read.samples, context) }),
    ...(path !== undefined && { generalModel: await load(path) }),
  };
}

export const fitCommand: CommandSpec = {
  name: "fit",
  summary: "learn what is normal, and save it as one ONNX file",
  description:
    "Fits a detector on rows of a table, an array or images and writes one ONNX file that scores. " +
    "Rows labelled as anomalies are left out, but for supervised detectors, which learn from them.",
  arguments: [
    { name: "data", description: "a path, sql:QUERY or dataset:NAME (see surprisal --help)", required: true },
  ],
  options: [
    { name: "detector", kind: "text", value: "NAME", description: `one of ${detectorNames.join(", ")}` },
    {
      name: "label",
      kind: "text",
      value: "COLUMN=VALUE",
      description: "rows with this value are known anomalies; without =VALUE the column holds 0 and 1",
    },
    {
      name: "classes",
      kind: "text",
      value: "COLUMN",
      description: "the column with the class of each row, for detectors that use classes; of images: class",
    },
    {
      name: "general",
      kind: "text",
      value: "DATA",
      description: "rows of all kinds that the data are a part of, for detectors that compare the two",
    },
    {
      name: "generalModel",
      kind: "text",
      value: "FILE",
      description: "a detector fitted on such rows, in place of one made here",
    },
    {
      name: "drop",
      kind: "list",
      value: "COLUMNS",
      description: "columns to leave out, such as an identifier",
    },
    { name: "columns", kind: "list", value: "COLUMNS", description: "use these columns only" },
    {
      name: "keepConstant",
      kind: "switch",
      description: "accept columns that hold the same value in every row",
    },
    ...kindOptions,
    ...readOptions,
    { name: "out", kind: "text", value: "FILE", description: "where the model is written" },
  ],
  extraOptions: (name) => {
    const factory = name === undefined ? undefined : knownDetector(name);
    return factory === undefined ? [] : optionSpecs(factory);
  },
  explainUnknown: (flag, name) => {
    const owners = allDetectors.filter((factory) =>
      optionSpecs(factory).some((option) => kebabCase(option.name) === flag),
    );
    if (owners.length === 0) return undefined;
    const names = owners.map(({ detectorName }) => detectorName).join(", ");
    return name === undefined
      ? `It is an option of ${names}: give --detector.`
      : `${name} has no such option; it belongs to ${names}. See surprisal detectors ${name}.`;
  },
  examples: [
    ["surprisal fit data.csv --detector isolation-forest --out model.onnx", "a table"],
    [
      "surprisal fit data.parquet --detector vae --label class=1 --latent 8 --out model.onnx",
      "known anomalies left out",
    ],
    [
      "surprisal fit train.csv --detector ecod --drop id,name --threshold contamination=0.02 --out model.onnx",
      "2 % flagged",
    ],
    [
      "surprisal fit \"sql:select * from 'day-*.parquet' where ok\" --detector ecod --out model.onnx",
      "from SQL",
    ],
    [
      "surprisal fit dataset:fashion-mnist-sample --detector vae --out model.onnx",
      "images of a known data set",
    ],
    [
      "surprisal fit --config fit.json --seed 7",
      'fit.json: {"data": "data.csv", "detector": "vae", "latent": 8, "out": "model.onnx"}',
    ],
    ["surprisal fit --detector vae --help", "with the options of that detector"],
  ],
  run: async (context) => {
    const started = performance.now();
    const factory = chosenDetector(context);
    const detector = factory(readDetectorOptions(factory, context.extra));
    const path = context.text("out");
    const data = context.text("data");
    await refuseUnwritable("--out", path);
    const progress = context.progress(`fit ${factory.detectorName}`);
    try {
      progress.update(0, "reading");
      const label = context.optionalText("label");
      const classesColumn = context.optionalText("classes");
      const { samples, labels, classes } = await readLabelled(
        data,
        { label, classes: classesColumn },
        readingOptions(context),
        "train",
      );
      const wanted = wantedColumns(samples, context);
      if (!context.isSet("keepConstant")) refuseConstantColumns(wanted, labels);
      if (label !== undefined && label !== "none" && labels?.includes(1) === false) {
        context.note(`no row has the label ${label}, so nothing is left out`);
      }
      const general = await generalOf(context);
      const model = await detector.fit(wanted, {
        source: data,
        ...(labels === undefined ? {} : { labels }),
        ...(classes === undefined ? {} : { classes }),
        ...general,
        ...(context.signal === undefined ? {} : { signal: context.signal }),
        onProgress: showFit(progress),
      });
      context.signal?.throwIfAborted();
      await model.save(path);
      await model.close();
      await general.generalModel?.close();
      progress.stop();
      await printSummary(context, model, path, (performance.now() - started) / 1000);
    } finally {
      progress.stop();
    }
  },
};
