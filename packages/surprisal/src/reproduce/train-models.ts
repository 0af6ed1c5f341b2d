import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type FitProgress, type FittedDetector, load } from "../detector/index.js";
import { SurprisalError } from "../errors.js";
import type { StudyModel } from "./study.js";

export interface TrainingEvents {
  readonly onProgress?: (progress: FitProgress) => void;
  /** A remark for the user. */
  readonly onNote?: (text: string) => void;
}

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

export const modelPath = (folder: string, { name }: StudyModel): string => join(folder, `${name}.onnx`);

const checkpointPath = (folder: string, { name }: StudyModel): string => join(folder, `${name}.checkpoint`);

/**
 * A model of the folder, where it is there.
 * @throws SurprisalError for a file that was made with other options or from other data
 */
export async function storedModel(folder: string, model: StudyModel): Promise<FittedDetector | undefined> {
  const path = modelPath(folder, model);
  if (!(await isThere(path))) return undefined;
  const fitted = await load(path);
  const { detector, training } = fitted.metadata;
  const advice = `give another folder for the models, or remove the file to train it again`;
  if (detector.name !== model.detector.name || training.source !== model.source) {
    throw new SurprisalError(
      `"${path}" is a ${detector.name} fitted on "${training.source}", not a ${model.detector.name} fitted on "${model.source}"; ${advice}`,
    );
  }
  const wanted: unknown = JSON.parse(JSON.stringify(model.detector.options));
  const different = differentKey(detector.options, wanted as Record<string, unknown>);
  if (different !== undefined) {
    throw new SurprisalError(`"${path}" was fitted with another "${different}" than is asked for; ${advice}`);
  }
  return fitted;
}

function differentKey(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): string | undefined {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].find((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

/**
 * Trains a model and writes its file. Training writes its state beside it after each epoch, from which
 * the next call goes on where this one is stopped.
 * @throws the signal's reason when aborted
 */
export async function trainModel(
  folder: string,
  model: StudyModel,
  signal: AbortSignal | undefined,
  events: TrainingEvents,
): Promise<FittedDetector> {
  await mkdir(folder, { recursive: true });
  const checkpoint = checkpointPath(folder, model);
  const fit = (resume: boolean) =>
    model.detector.fit(model.samples, {
      source: model.source,
      ...(model.checkpoints !== false && { checkpoint: { path: checkpoint } }),
      ...(model.labels && { labels: model.labels }),
      ...model.fit,
      ...(resume && { resume: checkpoint }),
      ...(signal && { signal }),
      ...(events.onProgress && { onProgress: events.onProgress }),
    });
  const fitted = await fitOrResume(fit, await isThere(checkpoint), model, events);
  await fitted.save(modelPath(folder, model));
  await rm(checkpoint, { force: true });
  return fitted;
}

async function fitOrResume(
  fit: (resume: boolean) => Promise<FittedDetector>,
  canResume: boolean,
  { name }: StudyModel,
  { onNote }: TrainingEvents,
): Promise<FittedDetector> {
  if (!canResume) return await fit(false);
  onNote?.(`${name} goes on from its checkpoint`);
  try {
    return await fit(true);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("cannot resume from")) throw error;
    onNote?.(`${error.message}; ${name} is trained from the beginning`);
    return await fit(false);
  }
}
