import { didYouMean } from "surprisal";
import type { Study, StudyEstimate, StudyRun, StudyScale } from "surprisal/reproduce";
import type { CommandSpec, Context } from "../command.js";
import { UsageError } from "../faults.js";
import { formatSeconds } from "../format.js";
import { write } from "../io.js";
import { alignColumns } from "../style.js";

// Loaded when asked for: drawing and all detectors take longer to load than the program to start.
const loadStudies = () => import("surprisal/reproduce");

function studyNamed(name: string, studies: readonly Study[]): Study {
  const found = studies.find((study) => study.name === name.toLowerCase());
  if (found !== undefined) return found;
  const names = studies.map((study) => study.name);
  const near = didYouMean(name, names);
  throw new UsageError(
    `there is no study "${name}"`,
    near === undefined ? `Studies: ${names.join(", ")}.` : `Did you mean "${near}"?`,
  );
}

function scaleOf(context: Context): StudyScale {
  const asked = (["tiny", "quick", "full"] as const).filter((scale) => context.isSet(scale));
  if (asked.length > 1)
    throw new UsageError(`--${asked[0]} and --${asked[1]} exclude each other`, "Give one of them.");
  return asked[0] ?? "quick";
}

async function list({ io, json, style }: Context, studies: readonly Study[]): Promise<void> {
  if (json) {
    const documents = studies.map(({ name, title, summary, trains, datasets = [], scenarios, seeds }) => ({
      name,
      title,
      summary,
      trains,
      datasets,
      scenarios: Object.fromEntries(datasets.map((dataset) => [dataset, scenarios?.(dataset) ?? []])),
      seeds,
    }));
    return write(io.stdout, `${JSON.stringify({ studies: documents })}\n`);
  }
  const rows = studies.map(({ name, trains, datasets = [], summary }) => [
    style.bold(name),
    [...trains, ...datasets].join(" | "),
    summary,
  ]);
  const head = ["NAME", "--train, --dataset", "WHAT"].map(style.dim);
  await write(io.stdout, alignColumns([head, ...rows], { width: io.stdout.columns ?? 140 }));
}

function tellEstimate(context: Context, { seconds, models, reused }: StudyEstimate): void {
  const count = `${models} ${models === 1 ? "model" : "models"}`;
  const there = reused > 0 ? `, ${reused} there already` : "";
  context.note(
    `about ${formatSeconds(seconds)}: ${count} to train${there}; Ctrl-C stops, the same command goes on`,
  );
}

async function print(context: Context, { results, table, files }: StudyRun): Promise<void> {
  const { io, style } = context;
  if (context.json) return write(io.stdout, `${JSON.stringify(results)}\n`);
  const text = (cell: string | number) =>
    typeof cell === "string" ? cell : Number.isFinite(cell) ? String(Number(cell.toPrecision(4))) : "";
  const numeric = table.columns.flatMap((_, i) =>
    table.rows.some((row) => typeof row[i] === "number") ? [i] : [],
  );
  await write(
    io.stdout,
    alignColumns([table.columns.map(style.dim), ...table.rows.map((row) => row.map(text))], {
      right: numeric,
    }),
  );
  if (context.quiet) return;
  await write(
    io.stdout,
    `\n${Object.entries(files)
      .map(([name, path]) => `${name}: ${path}`)
      .join("\n")}\n`,
  );
}

export const reproduceCommand: CommandSpec = {
  name: "reproduce",
  summary: "run a published study again, from data to report",
  description:
    "Loads the data, trains the models, scores, and writes report.html, table.csv and results.json into a folder, with " +
    "the published figures beside. It says first how long it will take. What is trained is kept in the folder: a run " +
    "that is stopped goes on where it was. Without a name it lists the studies.",
  arguments: [{ name: "study", description: "name of a study", required: false }],
  options: [
    {
      name: "train",
      kind: "text",
      value: "SET",
      description: "the data set to train on, where the study has a choice",
    },
    {
      name: "dataset",
      kind: "text",
      value: "SET",
      description: "the data set, where the study is of several",
    },
    {
      name: "scenario",
      kind: "list",
      value: "NAMES",
      description: "scenarios of the data set, with commas between them",
    },
    {
      name: "quick",
      kind: "switch",
      description: "less data and smaller networks, minutes (this is the default)",
    },
    { name: "full", kind: "switch", description: "as published: up to hours" },
    {
      name: "tiny",
      kind: "switch",
      description: "on bundled samples, to see what comes out; the figures mean little",
    },
    { name: "seeds", kind: "number", value: "N", description: "repetitions with other random numbers" },
    {
      name: "skipTraining",
      kind: "switch",
      description: "take the models from the folder of an earlier run",
    },
    {
      name: "models",
      kind: "text",
      value: "FOLDER",
      description: "folder of the models (default: models in --out)",
    },
    {
      name: "out",
      kind: "text",
      value: "FOLDER",
      description: "where the results go; made if it is not there",
    },
  ],
  examples: [
    ["surprisal reproduce", "the studies"],
    ["surprisal reproduce contaminated-mnist --quick --out study", "in minutes"],
    ["surprisal reproduce waic --train fashion-mnist --full --seeds 3 --out waic", "as published"],
    ["surprisal reproduce clad --dataset mnist --scenario CUR,one-class-0 --out clad", "two scenarios"],
    ["surprisal reproduce waic --skip-training --out waic", "evaluate and draw anew"],
  ],
  run: async (context) => {
    const name = context.optionalText("study");
    const { runStudy, studies } = await loadStudies();
    if (name === undefined) return list(context, studies);
    const study = studyNamed(name, studies);
    const [scale, train, seeds, models] = [
      scaleOf(context),
      context.optionalText("train"),
      context.number("seeds"),
      context.optionalText("models"),
    ];
    const [dataset, scenarios] = [context.optionalText("dataset"), context.list("scenario") ?? []];
    const out = context.text("out");
    const progress = context.progress(study.name);
    let run: StudyRun;
    try {
      run = await runStudy(study, {
        out,
        scale,
        ...(train === undefined ? {} : { train }),
        ...(dataset === undefined ? {} : { dataset }),
        ...(scenarios.length === 0 ? {} : { scenarios }),
        ...(seeds === undefined ? {} : { seeds }),
        ...(models === undefined ? {} : { models }),
        skipTraining: context.isSet("skipTraining"),
        ...(context.signal ? { signal: context.signal } : {}),
        onProgress: ({ fraction, note }) => progress.update(fraction, note),
        onEstimate: (estimate) => tellEstimate(context, estimate),
        onNote: context.note,
      });
    } finally {
      progress.stop();
    }
    await print(context, run);
  },
};
