import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readImageFiles } from "../data/images.js";
import { statOrExplain } from "../data/source.js";
import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import type { ImageParts } from "./image-parts.js";

/** The class of each validation image: `val_0.JPEG	n03444034	0	32	44	62`. */
async function annotations(path: string): Promise<readonly (readonly [name: string, id: string])[]> {
  await statOrExplain(path);
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  return lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const [name, id] = line.split("\t");
    if (name === undefined || id === undefined || !/^n\d{8}$/.test(id)) {
      throw new SurprisalError(
        `"${path}": line ${i + 1} is not "name<tab>WordNet id": "${line.slice(0, 60)}".`,
      );
    }
    return [[name, id] as const];
  });
}

/**
 * Reads Tiny-ImageNet as it is published: `train/n01443537/images/*.JPEG`, `val/images/*.JPEG` and
 * `val/val_annotations.txt`. The validation images are its test part; the official test images have no
 * classes. A class's number is the place of its WordNet id among all that are there.
 * @param options `size` in pixels (64, its own); `classes`: WordNet ids to read, default all
 * @throws SurprisalError naming the file or class that is missing or damaged
 */
export async function readTinyImagenet(
  folder: string,
  options: {
    readonly size?: number;
    readonly classes?: readonly string[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<ImageParts> {
  const { size = 64, signal } = options;
  const training = join(folder, "train");
  await statOrExplain(training);
  const ids = (await readdir(training)).filter((name) => /^n\d{8}$/.test(name)).sort();
  const wanted = options.classes ?? ids;
  const missing = wanted.find((id) => !ids.includes(id));
  if (missing !== undefined) {
    throw new SurprisalError(
      `"${training}" has no class "${missing}".${suggestion(missing, ids, "classes")}`,
    );
  }
  const paths: string[] = [];
  const y: number[] = [];
  for (const id of wanted) {
    const images = join(training, id, "images");
    await statOrExplain(images);
    for (const name of (await readdir(images)).filter((entry) => /\.jpe?g$/i.test(entry)).sort()) {
      paths.push(join(images, name));
      y.push(ids.indexOf(id));
    }
  }
  const validation = (await annotations(join(folder, "val", "val_annotations.txt"))).filter(([, id]) =>
    wanted.includes(id),
  );
  const form = { size, channels: 3, ...(signal && { signal }) } as const;
  const testPaths = validation.map(([name]) => join(folder, "val", "images", name));
  return {
    X: await readImageFiles(paths, form),
    y: Uint8Array.from(y),
    test: {
      X: await readImageFiles(testPaths, form),
      y: Uint8Array.from(validation, ([, id]) => ids.indexOf(id)),
    },
  };
}
