import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SurprisalError } from "../errors.js";
import { readIdx } from "./idx.js";
import { decodeImage, type ImageOptions, imageExtensions, readImages } from "./images.js";
import type { NDArray } from "./ndarray.js";
import { readNpy, readNpz } from "./npz.js";
import { type ReadTableOptions, readTable } from "./read-table.js";
import { statOrExplain, tableExtensions, tableFormatOf } from "./source.js";
import type { Table } from "./table.js";

/** What `readData` finds: a table, or an array with labels where they lie beside it. */
export type Data =
  | { readonly kind: "table"; readonly name: string; readonly table: Table }
  | {
      readonly kind: "array";
      readonly name: string;
      readonly array: NDArray;
      readonly labels?: Uint8Array;
      /** Names of the labels, where sub-folders give them. */
      readonly classes?: readonly string[];
    };

export interface ReadDataOptions extends ReadTableOptions, ImageOptions {
  /** The array of an .npz archive to read. Default: X, x, x_train, data, images, features or the only one. */
  readonly array?: string;
  /** The labels of an .npz archive. Default: y, Y, y_train, labels or label, where there. */
  readonly labels?: string;
}

const usualArrays = ["X", "x", "x_train", "data", "images", "features", "arr_0"];
const usualLabels = ["y", "Y", "y_train", "labels", "label"];

function asLabels(labels: NDArray, rows: number, what: string): Uint8Array {
  if (labels.data.length !== rows) {
    throw new SurprisalError(`${what}: ${labels.data.length} labels for ${rows} rows.`);
  }
  const odd = labels.data.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 255);
  if (odd >= 0) {
    throw new SurprisalError(
      `${what}: the label of row ${odd + 1} is ${labels.data[odd]}, not a whole number of 0 to 255.`,
    );
  }
  return Uint8Array.from(labels.data);
}

async function readArchive(path: string, name: string, options: ReadDataOptions): Promise<Data> {
  const arrays = await readNpz(path);
  const names = [...arrays.keys()];
  const known = `It holds: ${names.join(", ")}.`;
  const named = options.array ?? usualArrays.find((candidate) => arrays.has(candidate));
  const chosen = named ?? (names.length === 1 ? names[0] : undefined);
  const array = chosen === undefined ? undefined : arrays.get(chosen);
  if (array === undefined) {
    const lacking =
      chosen === undefined ? "has none of the usual arrays (X, x, data ...)" : `has no array "${chosen}"`;
    throw new SurprisalError(`"${path}" ${lacking}. ${known} Say which to read (array).`);
  }
  if (options.labels !== undefined && !arrays.has(options.labels)) {
    throw new SurprisalError(`"${path}" has no array "${options.labels}" of labels. ${known}`);
  }
  const labelName =
    options.labels ?? usualLabels.find((candidate) => candidate !== chosen && arrays.has(candidate));
  if (labelName === undefined) return { kind: "array", name, array };
  const labels = asLabels(arrays.get(labelName)!, array.shape[0] ?? 0, `"${path}", array "${labelName}"`);
  return { kind: "array", name, array, labels };
}

/** Labels of an IDX file of images: the file beside it that is named alike. */
async function idxLabels(path: string, rows: number): Promise<Uint8Array | undefined> {
  const file = basename(path);
  const beside = file.replace("images", "labels").replace("idx3", "idx1");
  if (beside === file) return undefined;
  const other = join(dirname(path), beside);
  const status = await stat(other).catch(() => undefined);
  if (!status?.isFile()) return undefined;
  return asLabels(await readIdx(other), rows, `"${other}"`);
}

/**
 * Reads data of any known kind by the name of its file or folder: IDX (`...-ubyte`, `.idx`, also
 * `.gz`) with the labels beside it, NumPy `.npz` and `.npy`, an image or a folder of them, or a table
 * (see {@link readTable}).
 * @throws SurprisalError for what cannot be found, is of no known kind, or is damaged
 */
export async function readData(path: string, options: ReadDataOptions = {}): Promise<Data> {
  const status = await statOrExplain(path);
  const lower = path.toLowerCase();
  const name = basename(path)
    .replace(/\.(gz|zst)$/i, "")
    .replace(/\.[^.]+$/, "");
  if (status.isDirectory()) {
    const { array, labels, classes } = await readImages(path, options);
    return {
      kind: "array",
      name: basename(path),
      array,
      ...(labels === undefined ? {} : { labels }),
      ...(classes === undefined ? {} : { classes }),
    };
  }
  if (lower.endsWith(".npz")) return readArchive(path, name, options);
  if (lower.endsWith(".npy")) return { kind: "array", name, array: await readNpy(path) };
  if (/(\.idx|[-.]idx\d+-ubyte|-ubyte)(\.gz)?$/.test(lower)) {
    const array = await readIdx(path);
    const labels = await idxLabels(path, array.shape[0] ?? 0);
    return { kind: "array", name, array, ...(labels === undefined ? {} : { labels }) };
  }
  if (imageExtensions.some((extension) => lower.endsWith(extension))) {
    const { data, shape } = await decodeImage(await readFile(path), options, `"${path}"`);
    return { kind: "array", name, array: { data, shape: [1, ...shape] } };
  }
  if (options.format === undefined && tableFormatOf(path) === undefined) {
    throw new SurprisalError(
      `"${path}" is of no known kind. Known: tables (${tableExtensions.map((extension) => `.${extension}`).join(", ")}), ` +
        `.npz, .npy, IDX (.idx, -ubyte), images (${imageExtensions.join(", ")}) and folders of images.`,
    );
  }
  return { kind: "table", name, table: await readTable(path, options) };
}
