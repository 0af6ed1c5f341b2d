import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SharpOptions } from "sharp";
import { SurprisalError } from "../errors.js";
import type { NDArray } from "./ndarray.js";
import { decodePpm, isPpm } from "./ppm.js";
import { statOrExplain } from "./source.js";

/** Extensions of images that are read, in lower case. */
export const imageExtensions: readonly string[] = [
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".gif",
  ".tif",
  ".tiff",
  ".avif",
  ".ppm",
  ".pgm",
];

/** The most bytes that a folder of images may take in memory. */
const maxBytes = 4 * 2 ** 30;

export interface ImageOptions {
  /** Height and width to bring every image to, in pixels; one number for a square. Default: their own, which must agree. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 (grey) or 3 (red, green, blue). Default: 1 when the first image is grey, else 3. */
  readonly channels?: 1 | 3;
  /** With `size`: stretch (`fill`, the default), cut off what does not fit (`cover`), or add borders (`contain`). */
  readonly fit?: "fill" | "cover" | "contain";
  /** What shows through transparent pixels and fills borders: a CSS colour. Default "black". */
  readonly background?: string;
  readonly signal?: AbortSignal;
}

/** Images of a folder. */
export interface ImageFolder {
  /** Uint8, `[n, height, width, channels]`, 0..255. */
  readonly array: NDArray;
  /** Paths of the images below the folder, in the order of the rows. */
  readonly files: readonly string[];
  /** For each image the place of its sub-folder in `classes`; absent where the images lie in the folder itself. */
  readonly labels?: Uint8Array;
  /** Names of the sub-folders, sorted. */
  readonly classes?: readonly string[];
}

function checkOptions({ size, channels, fit }: ImageOptions): void {
  const sides = size === undefined ? [] : typeof size === "number" ? [size] : size;
  if (sides.some((side) => !Number.isInteger(side) || side < 1 || side > 16384)) {
    throw new SurprisalError(
      `The image size must be whole numbers of 1 to 16384 pixels, not ${JSON.stringify(size)}.`,
    );
  }
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new SurprisalError(`channels must be 1 or 3, not ${channels}.`);
  }
  if (fit !== undefined && !["fill", "cover", "contain"].includes(fit)) {
    throw new SurprisalError(`fit must be fill, cover or contain, not "${fit}".`);
  }
}

/** What the image library is given: a file it reads, or pixels. */
function sourceOf(bytes: Uint8Array, label: string): [Uint8Array, SharpOptions?] {
  if (!isPpm(bytes)) return [bytes];
  const { data, shape } = decodePpm(bytes, label);
  const [height, width, channels] = shape as readonly [number, number, 1 | 3];
  return [data as Uint8Array, { raw: { width, height, channels } }];
}

/**
 * Decodes one image (PNG, JPEG, WebP, GIF, TIFF, AVIF, PPM, PGM) to uint8 `[height, width, channels]`, upright
 * as its EXIF orientation says.
 * @param label names the image in errors
 * @throws SurprisalError when the bytes are not a whole image or claim more than 268 million pixels
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: ImageOptions = {},
  label = "The image",
): Promise<NDArray> {
  checkOptions(options);
  const { size, fit = "fill", background = "black" } = options;
  const { default: sharp } = await import("sharp");
  try {
    const source = sourceOf(bytes, label);
    const metadata = await sharp(...source).metadata();
    const grey = metadata.space === "b-w" || metadata.space === "grey16";
    const channels = options.channels ?? (grey ? 1 : 3);
    let image = sharp(...source)
      .rotate()
      .flatten({ background });
    if (size !== undefined) {
      const [height, width] = typeof size === "number" ? [size, size] : size;
      image = image.resize({ height, width, fit, background });
    }
    const { data, info } = await image
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) {
      throw new SurprisalError(`${label} has ${info.channels} channels after decoding, not ${channels}.`);
    }
    return { data: new Uint8Array(data), shape: [info.height, info.width, info.channels] };
  } catch (error) {
    if (error instanceof SurprisalError) throw error;
    const reason = (error as Error).message.split("\n")[0];
    throw new SurprisalError(`${label} cannot be read as an image: ${reason}.`, { cause: error });
  }
}

const isImage = (name: string): boolean =>
  !name.startsWith(".") && imageExtensions.some((extension) => name.toLowerCase().endsWith(extension));

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Image files below a folder, in a fixed order, with `/` between names. */
async function imageFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && isImage(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length).replaceAll("\\", "/"))
    .sort(byCodeUnits);
}

function labelsOf(files: readonly string[], folder: string): Pick<ImageFolder, "labels" | "classes"> {
  const folders = files.map((file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : undefined));
  const loose = folders.indexOf(undefined);
  if (loose < 0) {
    const classes = [...new Set(folders as string[])].sort(byCodeUnits);
    if (classes.length > 256) {
      throw new SurprisalError(
        `"${folder}" has ${classes.length} sub-folders with images; at most 256 classes are read.`,
      );
    }
    return { classes, labels: Uint8Array.from(folders, (name) => classes.indexOf(name as string)) };
  }
  const nested = folders.findIndex((name) => name !== undefined);
  if (nested >= 0) {
    throw new SurprisalError(
      `"${folder}" has images both in itself ("${files[loose]}") and in sub-folders ("${files[nested]}"). ` +
        "Put all of them in sub-folders (one for each class) or none.",
    );
  }
  return {};
}

/**
 * Reads images of one size into uint8 `[n, height, width, channels]`, in this order.
 * @throws SurprisalError naming the file that is damaged or of another size, or for more than 4 GiB
 */
export async function readImageFiles(paths: readonly string[], options: ImageOptions = {}): Promise<NDArray> {
  checkOptions(options);
  if (paths.length === 0) throw new SurprisalError("There are no images to read.");
  const load = async (path: string, settled: ImageOptions): Promise<NDArray> => {
    options.signal?.throwIfAborted();
    return decodeImage(await readFile(path), settled, `"${path}"`);
  };
  const first = await load(paths[0]!, options);
  const [height, width, channels] = first.shape as readonly [number, number, number];
  const pixels = height * width * channels;
  if (pixels * paths.length > maxBytes) {
    throw new SurprisalError(
      `${paths.length} images of ${height} x ${width} x ${channels} need more than 4 GiB; give a smaller size.`,
    );
  }
  const data = new Uint8Array(pixels * paths.length);
  data.set(first.data);
  const settled: ImageOptions = { ...options, channels: channels as 1 | 3 };
  const batch = 4;
  for (let from = 1; from < paths.length; from += batch) {
    const names = paths.slice(from, from + batch);
    const images = await Promise.all(names.map((path) => load(path, settled)));
    images.forEach(({ data: pixelsOfImage, shape }, i) => {
      if (shape[0] !== height || shape[1] !== width) {
        throw new SurprisalError(
          `"${names[i]}" is ${shape[0]} x ${shape[1]} pixels (height x width), "${paths[0]}" is ` +
            `${height} x ${width}. Give the size to bring them to (size: [${height}, ${width}]).`,
        );
      }
      data.set(pixelsOfImage, (from + i) * pixels);
    });
  }
  return { data, shape: [paths.length, height, width, channels] };
}

/**
 * Reads a folder of images, sorted by path. Images in sub-folders are labelled by the name of the
 * first sub-folder.
 * @throws SurprisalError naming the file that is damaged or of another size, a folder without
 *   images, or one that needs more than 4 GiB
 */
export async function readImages(folder: string, options: ImageOptions = {}): Promise<ImageFolder> {
  checkOptions(options);
  const status = await statOrExplain(folder);
  if (!status.isDirectory()) throw new SurprisalError(`"${folder}" is not a folder of images.`);
  const files = await imageFiles(folder);
  if (files.length === 0) {
    throw new SurprisalError(`"${folder}" holds no images (${imageExtensions.join(", ")}).`);
  }
  const labels = labelsOf(files, folder);
  const array = await readImageFiles(
    files.map((file) => join(folder, file)),
    options,
  );
  return { array, files, ...labels };
}
