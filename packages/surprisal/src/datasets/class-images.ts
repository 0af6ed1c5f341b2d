import { stat } from "node:fs/promises";
import { join } from "node:path";
import { takeArrayRows } from "../data/array-parts.js";
import { SurprisalError } from "../errors.js";
import { readCifar10 } from "./cifar10-files.js";
import { type LabelledImages, loadDataset } from "./dataset.js";
import { readGtsrb } from "./gtsrb-files.js";
import type { ImageParts } from "./image-parts.js";
import { defaultCacheFolder, type LocateOptions } from "./locate.js";
import { imageClasses } from "./super-categories.js";
import { readTinyImagenet } from "./tiny-imagenet-files.js";

/** A data set's images with their classes, as a study of classes needs them. */
export interface ClassImages extends ImageParts {
  /** What was read, in words: the published files, or the subset of the registry. */
  readonly origin: string;
  /** Whether it is the whole published data set. */
  readonly whole: boolean;
}

/** Where the published files lie below a folder of data sets, and what reads them. */
const published: Readonly<
  Record<string, { folder: string; read: (path: string, signal?: AbortSignal) => Promise<ImageParts> }>
> = {
  cifar10: { folder: "images/cifar-10-batches-bin", read: readCifar10 },
  gtsrb: { folder: "images/GTSRB", read: (path, signal) => readGtsrb(path, signal ? { signal } : {}) },
  "tiny-imagenet": {
    folder: "images/tiny-imagenet-200",
    read: (path, signal) =>
      readTinyImagenet(path, {
        classes: imageClasses("tiny-imagenet").map(({ wordNetId }) => wordNetId!),
        ...(signal && { signal }),
      }),
  },
};

async function publishedFolder(name: string, options: LocateOptions): Promise<string | undefined> {
  const entry = published[name];
  if (entry === undefined) return undefined;
  const data = process.env.SURPRISAL_DATA;
  for (const folder of [options.folder, data, options.cacheFolder ?? defaultCacheFolder()]) {
    if (folder === undefined || folder === "") continue;
    const path = join(folder, entry.folder);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return path;
  }
  return undefined;
}

/** Part of each class that a data set without a test part is trained on. */
const trainingPart = 2 / 3;

/**
 * The first images of each class for training, the last for testing: neighbours in a file may be pictures
 * of the same thing, as the frames of one traffic sign are.
 */
export function splitClasses({ X, y }: LabelledImages): ImageParts {
  const training: number[] = [];
  const test: number[] = [];
  for (const label of new Set(y)) {
    const rows = [...y.keys()].filter((row) => y[row] === label);
    const count = Math.round(rows.length * trainingPart);
    training.push(...rows.slice(0, count));
    test.push(...rows.slice(count));
  }
  const part = (rows: number[]): LabelledImages => ({
    X: takeArrayRows(X, rows),
    y: Uint8Array.from(rows, (row) => y[row]!),
  });
  return { ...part(training), test: part(test) };
}

/**
 * Loads the images and classes of a data set with super-categories. The published files of CIFAR-10
 * (binary version), GTSRB and Tiny-ImageNet are read where they are: `images/cifar-10-batches-bin`,
 * `images/GTSRB` or `images/tiny-imagenet-200` below `options.folder`, SURPRISAL_DATA or the cache. Else
 * it is the registry's data set, as `loadDataset` finds it; one without a test part is split in each
 * class, two thirds to train.
 * @throws SurprisalError as `loadDataset` and the readers
 */
export async function loadClassImages(name: string, options: LocateOptions = {}): Promise<ClassImages> {
  const { signal } = options;
  const folder = await publishedFolder(name, options);
  if (folder !== undefined) {
    return { ...(await published[name]!.read(folder, signal)), origin: "the published files", whole: true };
  }
  const data = await loadDataset(name, options);
  if (data.kind !== "image") throw new SurprisalError(`The data set "${name}" holds no images.`);
  const { X, y, test } = data;
  return {
    ...(test ? { X, y, test } : splitClasses({ X, y })),
    origin: data.title,
    whole: published[name] === undefined && !name.endsWith("-sample"),
  };
}
