import { mkdir } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { writeFileAtomically } from "../data/atomic-file.js";
import type { FitProgress, FittedDetector } from "../detector/index.js";
import { SurprisalError } from "../errors.js";
import { writeReport } from "../report/render.js";
import { suggestion } from "../suggest.js";
import { version } from "../version.js";
import { csvOf } from "./csv.js";
import { estimateTraining } from "./estimate.js";
import type { PreparedStudy, Study, StudyModel, StudyOutcome, StudyScale, StudySettings } from "./study.js";
import { modelPath, storedModel, trainModel } from "./train-models.js";

export interface RunStudyOptions {
  /** Folder of `report.html`, `table.csv` and `results.json`; made where it is not there. */
  readonly out: string;
  /** Default "quick". */
  readonly scale?: StudyScale;
  /** The data set to train on, where the study has a choice; default its first. */
  readonly train?: string;
  /** The data set, where the study is of several; default its first. */
  readonly dataset?: string;
  /** Scenarios of that data set; default the study's choice. */
  readonly scenarios?: readonly string[];
  /** Repetitions with other random numbers; default the study's. */
  readonly seeds?: number;
  /** Folder of the models; default `models` in `out`. Those that are there are not trained again. */
  readonly models?: string;
  /** Take all models from the folder; train none. */
  readonly skipTraining?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StudyProgress) => void;
  /** Told once, before training: the estimated seconds, and how many models are to be trained. */
  readonly onEstimate?: (estimate: StudyEstimate) => void;
  /** A remark for the user. */
  readonly onNote?: (text: string) => void;
}

export interface StudyProgress {
  /** Part of the whole work that is done, 0..1. */
  readonly fraction: number;
  readonly note: string;
}

export interface StudyEstimate {
  readonly seconds: number;
  readonly models: number;
  readonly reused: number;
}

/** What a study's run left behind. */
export interface StudyRun {
  /** What `results.json` holds. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly table: StudyOutcome["table"];
  readonly files: { readonly report: string; readonly table: string; readonly results: string };
}

/**
 * Runs a study from data to report. Before training it measures and tells how long all of it takes. A
 * run that is stopped leaves its finished models and the state of the one in training in the folder of
 * the models; the same call again goes on from there, with the same result.
 *
 * @throws SurprisalError for a data set the study does not train on, a number of seeds that is none, data
 *   that cannot be had, or a model in the folder that was made with other settings
 * @throws the signal's reason when aborted
 */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<StudyRun> {
  const { out, scale = "quick", models = join(out, "models"), signal, onProgress, onNote } = options;
  const settings = {
    scale,
    train: trainOf(study, options.train),
    ...datasetOf(study, options),
    seeds: seedsOf(study, scale, options.seeds),
  };
  signal?.throwIfAborted();
  const started = performance.now();
  onProgress?.({ fraction: 0, note: "reading data" });
  const prepared = await study.prepare({ ...settings, ...(signal && { signal }) });
  const fitted = await fitAll(prepared, models, options);
  const share = fitted.evaluationShare;
  const outcome = await prepared.evaluate(fitted.models, {
    ...(signal && { signal }),
    onProgress: (fraction, note) => onProgress?.({ fraction: 1 - share * (1 - fraction), note }),
  });
  await Promise.all([...fitted.models.values()].map((model) => model.close()));
  signal?.throwIfAborted();
  onProgress?.({ fraction: 1, note: "writing" });
  const seconds = Math.round((performance.now() - started) / 1000);
  if (fitted.reused > 0) onNote?.(`${fitted.reused} models were there already`);
  return await write(study, settings, outcome, { out, seconds, reused: fitted.reused });
}

function trainOf(study: Study, train: string | undefined): string {
  if (train === undefined) return study.trains[0] ?? "";
  if (study.trains.includes(train)) return train;
  if (study.trains.length === 0)
    throw new SurprisalError(`The study ${study.name} has no choice of training data; leave "train" out.`);
  throw new SurprisalError(
    `The study ${study.name} does not train on "${train}".${suggestion(train, study.trains, "data sets")}`,
  );
}

function datasetOf(
  { name, datasets = [], scenarios: known }: Study,
  { dataset = datasets[0] ?? "", scenarios = [] }: RunStudyOptions,
): Pick<StudySettings, "dataset" | "scenarios"> {
  if (!datasets.includes(dataset) && dataset !== "") {
    throw new SurprisalError(
      datasets.length === 0
        ? `The study ${name} has no choice of a data set; leave "dataset" out.`
        : `The study ${name} is not of "${dataset}".${suggestion(dataset, datasets, "data sets")}`,
    );
  }
  if (known === undefined && scenarios.length > 0)
    throw new SurprisalError(`The study ${name} has no scenarios; leave "scenarios" out.`);
  const names = known?.(dataset) ?? [];
  const unknown = scenarios.find((scenario) => !names.includes(scenario));
  if (unknown === undefined) return { dataset, scenarios };
  throw new SurprisalError(
    `There is no scenario "${unknown}" of ${dataset}.${suggestion(unknown, names, "scenarios")}`,
  );
}

function seedsOf(study: Study, scale: StudyScale, seeds = study.seeds[scale]): number {
  if (Number.isInteger(seeds) && seeds >= 1) return seeds;
  throw new SurprisalError(`seeds is ${seeds}; it must be a whole number of at least 1.`);
}

interface FittedModels {
  readonly models: ReadonlyMap<string, FittedDetector>;
  readonly reused: number;
  /** Part of the whole time that evaluating takes. */
  readonly evaluationShare: number;
}

async function fitAll(
  { models, evaluationSeconds }: PreparedStudy,
  folder: string,
  options: RunStudyOptions,
): Promise<FittedModels> {
  const { signal, onProgress, onEstimate, onNote } = options;
  const done = new Map<string, FittedDetector>();
  for (const model of models) {
    const stored = await storedModel(folder, model);
    if (stored) done.set(model.name, stored);
    else if (options.skipTraining) {
      throw new SurprisalError(
        `There is no model "${modelPath(folder, model)}"; run the study without skipping training, or give the folder that holds it.`,
      );
    }
  }
  const reused = done.size;
  const missing = models.filter(({ name }) => !done.has(name));
  const costs = new Map<string, number>();
  const measured = new Set<StudyModel>();
  for (const model of missing) {
    // What needs another model cannot be tried before that one is there.
    if (model.after || costs.has(model.kind)) continue;
    const { seconds, fitted } = await estimateTraining(folder, model, signal, {
      ...(onNote && { onNote }),
      onProgress: (progress) =>
        onProgress?.({
          fraction: 0,
          note: progressNote(`measuring the training of ${model.name}`, progress),
        }),
    });
    costs.set(model.kind, seconds);
    measured.add(model);
    if (fitted) done.set(model.name, fitted);
  }
  const cost = ({ name, kind, after }: StudyModel): number => {
    // One that was there took as long as its file says.
    if (!after) return costs.get(kind) ?? done.get(name)?.metadata.training.seconds ?? 0;
    const before = models.find(({ name }) => name === after.name);
    return before ? after.times * cost(before) : 0;
  };
  const open = missing.filter(({ name }) => !done.has(name));
  const training = open.reduce((sum, model) => sum + cost(model), 0);
  const total = training + evaluationSeconds;
  if (missing.length > 0) onEstimate?.({ seconds: total, models: missing.length, reused });
  let before = 0;
  for (const [i, model] of open.entries()) {
    signal?.throwIfAborted();
    const what = `training ${model.name} (${i + 1} of ${open.length})`;
    const { after } = model;
    const ready = after ? { ...model, fit: { ...model.fit, ...after.fit(done.get(after.name)!) } } : model;
    const fitted = await trainModel(folder, ready, signal, {
      // The measured ones have been told of already.
      ...(onNote && !measured.has(model) && { onNote }),
      onProgress: (progress) =>
        onProgress?.({
          fraction: (before + progress.fraction * cost(model)) / total,
          note: progressNote(what, progress),
        }),
    });
    before += cost(model);
    done.set(model.name, fitted);
  }
  return { models: done, reused, evaluationShare: total > 0 ? evaluationSeconds / total : 1 };
}

function progressNote(what: string, { epoch, epochs, loss }: FitProgress): string {
  const parts = [
    what,
    ...(epoch === undefined ? [] : [`epoch ${epoch}/${epochs}`]),
    ...(loss === undefined ? [] : [`loss ${loss.toPrecision(4)}`]),
  ];
  return parts.join(", ");
}

async function write(
  study: Study,
  settings: Omit<StudySettings, "signal">,
  outcome: StudyOutcome,
  { out, seconds, reused }: { out: string; seconds: number; reused: number },
): Promise<StudyRun> {
  const environment = {
    surprisal: version,
    node: process.version,
    machine: `${platform()} ${arch()}, ${cpus().length} cores`,
  };
  const { scale, train, dataset, scenarios, seeds } = settings;
  const results = {
    study: study.name,
    scale,
    ...(train === "" ? {} : { train }),
    ...(dataset === "" ? {} : { dataset }),
    ...(scenarios.length === 0 ? {} : { scenarios }),
    seeds,
    ...outcome.results,
    seconds,
    modelsReused: reused,
    environment,
  };
  await mkdir(out, { recursive: true });
  const files = {
    report: join(out, "report.html"),
    table: join(out, "table.csv"),
    results: join(out, "results.json"),
  };
  await writeFileAtomically(files.table, csvOf(outcome.table));
  await writeFileAtomically(files.results, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeReport(files.report, {
    title: study.title,
    generatedAt: new Date().toISOString().slice(0, 10),
    chapters: outcome.chapters,
    sections: outcome.sections ?? [],
    environment,
  });
  return { results, table: outcome.table, files };
}
