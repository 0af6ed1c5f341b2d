import { join } from "node:path";
import { tableFromMatrix } from "../data/arrays.js";
import { readIdx } from "../data/idx.js";
import { splitLabel } from "../data/labels.js";
import type { NDArray } from "../data/ndarray.js";
import { readNpz } from "../data/npz.js";
import { readTable } from "../data/read-table.js";
import type { Table } from "../data/table.js";
import { columnNamed, dropColumns } from "../data/table-parts.js";
import { SurprisalError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import { type DatasetOrigin, type LocateOptions, locateFile, samplesFolder } from "./locate.js";
import { type DatasetEntry, registry } from "./registry.js";
import { labelsOfWindows } from "./windows.js";

export interface LoadDatasetOptions extends LocateOptions {}

interface DatasetFacts {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  readonly citation: string;
  /** Where the files came from. */
  readonly origin: DatasetOrigin;
}

/** A data set of named columns. */
export interface TableDataset extends DatasetFacts {
  readonly kind: "table";
  /** The features, without the label. */
  readonly table: Table;
  /** For each row 1 (anomaly) or 0 (normal); absent where the data set has no labels. */
  readonly y?: Uint8Array;
}

/** Images with the number of each one's class. */
export interface LabelledImages {
  /** Uint8, `[n, height, width, channels]`, 0..255. */
  readonly X: NDArray;
  readonly y: Uint8Array;
}

/** A data set of images; the labels are classes, not anomalies. */
export interface ImageDataset extends DatasetFacts, LabelledImages {
  readonly kind: "image";
  /** The test part, where the data set has one; `X` and `y` are the training part then, else all of it. */
  readonly test?: LabelledImages;
}

export type Dataset = TableDataset | ImageDataset;

/** A data set as `listDatasets` tells of it. */
export type DatasetInfo = Pick<
  DatasetEntry,
  "name" | "title" | "task" | "licence" | "citation" | "bundled" | "files"
>;

/** All known data sets, the bundled ones (which need no download) first. */
export function listDatasets(): readonly DatasetInfo[] {
  return registry.map(({ layout: _, ...info }) => info);
}

/** Images `[n, h, w]` as `[n, h, w, 1]`. */
function withChannels({ data, shape }: NDArray): NDArray {
  return { data, shape: shape.length === 3 ? [...shape, 1] : shape };
}

function labelled(images: NDArray | undefined, labels: NDArray | undefined, what: string): LabelledImages {
  if (images === undefined || labels === undefined)
    throw new SurprisalError(`${what} lacks its images or labels.`);
  if (images.shape[0] !== labels.shape[0]) {
    throw new SurprisalError(`${what} has ${images.shape[0]} images and ${labels.shape[0]} labels.`);
  }
  return { X: withChannels(images), y: Uint8Array.from(labels.data) };
}

type Parts =
  | { kind: "table"; table: Table; y?: Uint8Array }
  | ({ kind: "image"; test?: LabelledImages } & LabelledImages);

async function loadParts(
  entry: DatasetEntry,
  at: (path: string) => string,
  signal?: AbortSignal,
): Promise<Parts> {
  const { layout, name } = entry;
  switch (layout.kind) {
    case "idx": {
      const pair = async ([images, labels]: readonly [string, string]): Promise<LabelledImages> =>
        labelled(await readIdx(at(images)), await readIdx(at(labels)), `The data set "${name}"`);
      const test = await pair(layout.test);
      return layout.train === undefined
        ? { kind: "image", ...test }
        : { kind: "image", ...(await pair(layout.train)), test };
    }
    case "imageArchive": {
      const arrays = await readNpz(at(layout.path));
      const what = `The data set "${name}"`;
      if (!arrays.has("x_train")) {
        return { kind: "image", ...labelled(arrays.get("x"), arrays.get(layout.labels ?? "y"), what) };
      }
      return {
        kind: "image",
        ...labelled(arrays.get("x_train"), arrays.get("y_train"), what),
        test: labelled(arrays.get("x_test"), arrays.get("y_test"), what),
      };
    }
    case "matrixArchive": {
      const arrays = await readNpz(at(layout.path), ["X", "y"]);
      const X = arrays.get("X");
      const y = arrays.get("y");
      if (X === undefined || y === undefined)
        throw new SurprisalError(`The data set "${name}" lacks X or y.`);
      return { kind: "table", table: tableFromMatrix(X), y: Uint8Array.from(y.data) };
    }
    case "series": {
      const table = await readTable(at(layout.path), signal === undefined ? {} : { signal });
      return { kind: "table", table, y: await labelsOfWindows(table, at(layout.windows), layout.key) };
    }
    case "text": {
      const read = await readTable(at(layout.path), {
        format: "csv",
        ...(layout.names === undefined ? {} : { header: false }),
        ...(signal === undefined ? {} : { signal }),
      });
      const { names, normal, label } = layout;
      const table =
        names === undefined
          ? read
          : {
              ...read,
              columns: read.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name })),
            };
      if (label !== undefined) {
        const { features, labels } = splitLabel(table, label);
        return { kind: "table", table: features, y: labels };
      }
      if (normal === undefined) return { kind: "table", table };
      const classes = columnNamed(table, normal.column);
      const y = Uint8Array.from(classes.values as ArrayLike<unknown>, (value) =>
        value === normal.value ? 0 : 1,
      );
      return { kind: "table", table: dropColumns(table, [normal.column]), y };
    }
  }
}

const fold = (name: string): string => name.trim().toLowerCase().replaceAll("_", "-");

/**
 * Loads a data set by its name (see {@link listDatasets}). Its files are looked for in
 * `options.folder`, below the folder of the environment variable SURPRISAL_DATA, among the bundled
 * samples, in the user's cache folder, and are downloaded into that last. Checksums are verified.
 * @throws SurprisalError for an unknown name (with the nearest), a file that is nowhere and cannot be
 *   downloaded (with what to do), or one that is not the expected one
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<Dataset> {
  options.signal?.throwIfAborted();
  const entry = registry.find((candidate) => fold(candidate.name) === fold(name));
  if (entry === undefined) {
    const near = didYouMean(
      name,
      registry.map((candidate) => candidate.name),
    );
    const names = registry
      .filter(({ name: known }) => !known.startsWith("nab/"))
      .map(({ name: known }) => known);
    throw new SurprisalError(
      `There is no data set "${name}". ${near === undefined ? `Known: ${names.join(", ")}, nab/....` : `Did you mean "${near}"?`}`,
    );
  }
  const paths = new Map<string, string>();
  let origin: DatasetOrigin = "samples";
  for (const file of entry.files) {
    const located = await locateFile(entry, file, options);
    paths.set(file.path, located.path);
    origin = located.origin;
  }
  const at = (path: string): string => paths.get(path) ?? join(samplesFolder, path);
  const parts = await loadParts(entry, at, options.signal);
  const { title, licence, citation } = entry;
  return { name: entry.name, title, licence, citation, origin, ...parts };
}
