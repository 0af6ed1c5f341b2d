import { randomStream } from "@surprisal/engine";
import { concatArrays, takeArrayRows } from "../data/array-parts.js";
import type { NDArray } from "../data/ndarray.js";
import { loadDataset } from "../datasets/index.js";
import { SurprisalError } from "../errors.js";
import type { StudySettings } from "./study.js";

/** Seed of splits and draws: the same data for every run. */
const dataSeed = 1;

/** Images to judge by. */
interface JudgedSet {
  readonly name: string;
  readonly images: NDArray;
  /** Whether other images of the same set are among the general ones. */
  readonly inGeneral: boolean;
}

/** What the models learn from and are judged by, all of one size and bytes. */
export interface HierarchiesData {
  readonly train: NDArray;
  readonly general: NDArray;
  readonly generalName: string;
  readonly inDistribution: NDArray;
  readonly sets: readonly JudgedSet[];
}

interface Plan {
  readonly side: number;
  readonly channels: 1 | 3;
  /** Other sets that the general images are drawn from, beside the training set. */
  readonly general: readonly string[];
  readonly judged: readonly string[];
}

const grey = ["fashion-mnist", "mnist", "notmnist", "emnist-letters", "omniglot"];
const colour = ["cifar10", "svhn", "gtsrb", "tiny-imagenet"];

/** The sets that the study can be trained on. */
export const trainingSets: readonly string[] = [...grey, ...colour];

/** Rows and columns of the images: a quarter of the pixels lets networks learn four times as many in the same time. */
const sides = { quick: 16, full: 32 } as const;

/** Sets of general images by channels; the small sets of digits and signs are none. */
const generalSets = {
  1: ["notmnist", "omniglot", "cifar10", "tiny-imagenet"],
  3: ["cifar10", "tiny-imagenet"],
} as const;

function planOf(train: string, scale: keyof typeof sides): Plan {
  const channels = colour.includes(train) ? 3 : 1;
  const others = (names: readonly string[]) => names.filter((name) => name !== train);
  return {
    side: sides[scale],
    channels,
    general: others(generalSets[channels]),
    judged: others(channels === 3 ? colour : grey),
  };
}

/** Weights of red, green and blue in a grey value. */
const LUMA = [0.2989, 0.587, 0.114] as const;

function greyOf({ data, shape }: NDArray): NDArray {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (channels === 1) return { data, shape: [count, height, width, 1] };
  const grey = new Uint8Array(count * height * width);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.round(
      LUMA.reduce((sum, weight, channel) => sum + weight * data[i * channels + channel]!, 0),
    );
  }
  return { data: grey, shape: [count, height, width, 1] };
}

/** Images of bytes scaled to so many rows and columns: bilinear for more, means of squares for fewer. */
export function resized({ data, shape }: NDArray, side: number): NDArray {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const result = new Uint8Array(count * side * side * channels);
  if (height === side && width === side)
    return { data: Uint8Array.from(data), shape: [count, side, side, channels] };
  const places = (from: number) => {
    const scale = from / side;
    return Array.from({ length: side }, (_, i) => {
      const [begin, end] = scale > 1 ? [i * scale, (i + 1) * scale] : [(i + 0.5) * scale - 0.5, 0];
      if (scale > 1) return weightsBetween(begin, end, from);
      const low = Math.floor(begin);
      const part = begin - low;
      const inside = (at: number) => Math.max(0, Math.min(from - 1, at));
      return [
        { at: inside(low), weight: 1 - part },
        { at: inside(low + 1), weight: part },
      ];
    });
  };
  const [rows, columns] = [places(height), places(width)];
  let k = 0;
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let channel = 0; channel < channels; channel++) {
          let value = 0;
          for (const row of rows[y]!) {
            for (const column of columns[x]!) {
              const at = ((i * height + row.at) * width + column.at) * channels + channel;
              value += row.weight * column.weight * data[at]!;
            }
          }
          result[k++] = Math.round(value);
        }
      }
    }
  }
  return { data: result, shape: [count, side, side, channels] };
}

/** The parts of pixels that lie between two places. */
function weightsBetween(begin: number, end: number, size: number): { at: number; weight: number }[] {
  const weights: { at: number; weight: number }[] = [];
  for (let at = Math.floor(begin); at < Math.min(size, end); at++) {
    const weight = (Math.min(end, at + 1) - Math.max(begin, at)) / (end - begin);
    if (weight > 0) weights.push({ at, weight });
  }
  return weights;
}

const take = (images: NDArray, from: number, to: number): NDArray =>
  takeArrayRows(
    images,
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i),
  );

/** Rows in a fixed random order. */
function shuffled(images: NDArray, name: string): NDArray {
  return takeArrayRows(images, randomStream(dataSeed, `order/${name}`).permutation(images.shape[0]!));
}

/** The images of a set to learn from and to judge by, which do not overlap. */
async function partsOf(
  name: string,
  { side, channels }: Plan,
  { signal }: StudySettings,
): Promise<{ learn: NDArray; judge: NDArray }> {
  const data = await loadDataset(name, signal ? { signal } : {});
  if (data.kind !== "image") throw new SurprisalError(`The data set "${name}" holds no images.`);
  const prepared = (images: NDArray) => resized(channels === 1 ? greyOf(images) : images, side);
  if (data.test) return { learn: prepared(data.X), judge: prepared(shuffled(data.test.X, name)) };
  const all = prepared(shuffled(data.X, name));
  const half = Math.floor(all.shape[0]! / 2);
  return { judge: take(all, 0, half), learn: take(all, half, all.shape[0]!) };
}

/** Most images of a judged set, and of each part of the general ones. */
const counts = { tiny: [100, 300], quick: [1000, 10_000], full: [10_000, 60_000] } as const;

/** Bundled images, and others made of them, for the smallest runs. */
async function tinyData(settings: StudySettings): Promise<HierarchiesData> {
  const plan: Plan = { side: 8, channels: 1, general: [], judged: [] };
  const { learn, judge } = await partsOf("fashion-mnist-sample", plan, settings);
  const changed = ({ data, shape }: NDArray, change: (value: number, at: number) => number): NDArray => ({
    data: Uint8Array.from(data as Uint8Array, change),
    shape,
  });
  const stream = randomStream(dataSeed, "noise");
  const negative = (images: NDArray) => changed(images, (value) => 255 - value);
  const noise = (images: NDArray) => changed(images, () => 256 * stream.uniform());
  const [most] = counts.tiny;
  const inDistribution = take(judge, 0, most);
  return {
    train: learn,
    general: concatArrays([take(learn, 0, 300), negative(take(learn, 300, 500)), noise(take(learn, 0, 100))]),
    generalName: "the same images, their negatives, and noise",
    inDistribution,
    sets: [
      { name: "negatives", images: negative(inDistribution), inGeneral: true },
      { name: "halves", images: changed(inDistribution, (value) => value >> 1), inGeneral: false },
    ],
  };
}

/** Loads what the study trains on and judges by. Throws as `loadDataset`. */
export async function loadHierarchiesData(settings: StudySettings): Promise<HierarchiesData> {
  if (settings.scale === "tiny") return await tinyData(settings);
  const plan = planOf(settings.train, settings.scale);
  const [mostJudged, mostGeneral] = counts[settings.scale];
  const names = [...new Set([settings.train, ...plan.general, ...plan.judged])];
  const parts = new Map(
    await Promise.all(names.map(async (name) => [name, await partsOf(name, plan, settings)] as const)),
  );
  // Each kind of image is as frequent as any other: the small sets are repeated.
  const general = [settings.train, ...plan.general].map((name) => {
    const { learn } = parts.get(name)!;
    const order = randomStream(dataSeed, `general/${name}`).permutation(learn.shape[0]!);
    const size = Math.min(
      mostGeneral,
      Math.max(...plan.general.map((other) => parts.get(other)!.learn.shape[0]!)),
    );
    return takeArrayRows(
      learn,
      Array.from({ length: size }, (_, i) => order[i % order.length]!),
    );
  });
  const judge = (name: string) => {
    const { judge: images } = parts.get(name)!;
    return take(images, 0, Math.min(mostJudged, images.shape[0]!));
  };
  return {
    train: parts.get(settings.train)!.learn,
    general: concatArrays(general),
    generalName: [settings.train, ...plan.general].join(", "),
    inDistribution: judge(settings.train),
    sets: plan.judged.map((name) => ({
      name,
      images: judge(name),
      inGeneral: plan.general.includes(name),
    })),
  };
}
