import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type DatasetInfo,
  defaultCacheFolder,
  didYouMean,
  listDatasets,
  loadDataset,
  samplesFolder,
} from "surprisal";
import type { CommandSpec, Context } from "../command.js";
import { UsageError } from "../faults.js";
import { formatBytes } from "../format.js";
import { write } from "../io.js";
import { alignColumns } from "../style.js";

type Presence = "bundled" | "SURPRISAL_DATA" | "cache" | "absent";

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** Where all files of a data set are, without checking what they hold. */
async function presenceOf({ files, bundled }: DatasetInfo, env: Context["io"]["env"]): Promise<Presence> {
  const places: readonly (readonly [Presence, string | undefined])[] = [
    ["SURPRISAL_DATA", env.SURPRISAL_DATA],
    ["bundled", bundled ? samplesFolder : undefined],
    ["cache", defaultCacheFolder()],
  ];
  for (const [presence, folder] of places) {
    if (folder === undefined || folder === "") continue;
    const found = await Promise.all(files.map(({ path }) => isFile(join(folder, path))));
    if (found.every(Boolean)) return presence;
  }
  return "absent";
}

function findDataset(name: string): DatasetInfo {
  const all = listDatasets();
  const fold = (text: string): string => text.toLowerCase().replaceAll("_", "-");
  const found = all.find((dataset) => fold(dataset.name) === fold(name));
  if (found !== undefined) return found;
  const near = didYouMean(
    name,
    all.map((dataset) => dataset.name),
  );
  throw new UsageError(
    `there is no data set "${name}"`,
    near === undefined ? "See surprisal datasets." : `Did you mean "${near}"?`,
  );
}

const canDownload = ({ files }: DatasetInfo): boolean => files.every(({ urls }) => urls.length > 0);

const documentOf = (dataset: DatasetInfo, presence: Presence) => {
  const { name, title, task, licence, citation, files } = dataset;
  return { name, title, task, licence, citation, presence, downloadable: canDownload(dataset), files };
};

async function list({ io, json, style }: Context): Promise<void> {
  const all = await Promise.all(
    listDatasets().map(async (dataset) => ({ dataset, presence: await presenceOf(dataset, io.env) })),
  );
  if (json) {
    const datasets = all.map(({ dataset, presence }) => documentOf(dataset, presence));
    return write(io.stdout, `${JSON.stringify({ datasets })}\n`);
  }
  const rows = all.map(({ dataset, presence }) => [
    style.bold(dataset.name),
    dataset.task,
    presence === "absent"
      ? style.yellow(canDownload(dataset) ? "--download" : "not here")
      : style.green(presence),
    dataset.licence,
    dataset.title,
  ]);
  const header = ["NAME", "TASK", "WHERE", "LICENCE", "WHAT"].map(style.dim);
  await write(io.stdout, alignColumns([header, ...rows], { width: io.stdout.columns ?? 140 }));
  await write(
    io.stdout,
    "\nUse one as DATA: dataset:NAME. surprisal datasets NAME --download fetches it into the cache.\n",
  );
}

/** Fetches what is missing of a data set into the cache, and reads it, so that it is known to be whole. */
async function fetchDataset(name: string, context: Context): Promise<void> {
  const progress = context.progress(name);
  try {
    await loadDataset(name, {
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      onProgress: ({ received, total }) =>
        progress.update(total === undefined ? undefined : received / total, formatBytes(received)),
    });
  } finally {
    progress.stop();
  }
}

async function describe(name: string, context: Context): Promise<void> {
  const { io, json, style } = context;
  const dataset = findDataset(name);
  if (context.isSet("download")) await fetchDataset(dataset.name, context);
  const document = documentOf(dataset, await presenceOf(dataset, io.env));
  if (json) return write(io.stdout, `${JSON.stringify(document)}\n`);
  const where =
    document.presence === "absent"
      ? document.downloadable
        ? "not here; --download fetches it"
        : "not here"
      : document.presence;
  const rows = [
    ["name", dataset.name],
    ["what", dataset.title],
    ["task", dataset.task],
    ["licence", dataset.licence],
    ["cite", dataset.citation],
    ["where", where],
    ...dataset.files.map(({ path, urls }) => ["file", [path, ...urls.slice(0, 1)].join(" from ")]),
  ];
  await write(
    io.stdout,
    alignColumns(
      rows.map(([key = "", text = ""]) => [style.dim(key), text]),
      { width: io.stdout.columns ?? 140 },
    ),
  );
}

export const datasetsCommand: CommandSpec = {
  name: "datasets",
  summary: "list known data sets, or fetch one",
  description:
    "Lists the data sets that dataset:NAME knows, with task, licence and whether they are on this machine. Those " +
    "that are bundled need no network. SURPRISAL_DATA names a folder that is searched first.",
  arguments: [{ name: "name", description: "a data set", required: false }],
  options: [{ name: "download", kind: "switch", description: "fetch it into the cache, if it is not here" }],
  examples: [
    ["surprisal datasets", "all data sets"],
    ["surprisal datasets thyroid", "one of them"],
    ["surprisal datasets fashion-mnist --download", "fetch it into the cache"],
  ],
  run: async (context) => {
    const name = context.optionalText("name");
    if (name !== undefined) return describe(name, context);
    if (context.isSet("download"))
      throw new UsageError("--download needs the name of a data set", "surprisal datasets NAME --download");
    await list(context);
  },
};
