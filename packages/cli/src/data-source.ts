import {
  type Column,
  type Dataset,
  dropColumns,
  type ExpectedColumn,
  type FittedDetector,
  loadDataset,
  type NDArray,
  parseLabelSpec,
  type ReadDataOptions,
  type ReadTableOptions,
  readData,
  readTable,
  type Samples,
  SurprisalError,
  splitClasses,
  splitLabel,
  streamTable,
  type Table,
  type TableSource,
  tableFormatOf,
  takeRows,
} from "surprisal";
import { UsageError } from "./faults.js";

/** Where the rows come from: what a user writes as DATA. */
type DataSource =
  | { readonly kind: "table"; readonly source: TableSource }
  | { readonly kind: "dataset"; readonly name: string; readonly part: "train" | "test" | undefined }
  | { readonly kind: "array"; readonly path: string };

/** Rows with, for each, whether it is a known anomaly, and its class where classes are asked for. */
export interface LabelledSamples {
  readonly samples: Samples;
  readonly labels?: Uint8Array;
  readonly classes?: ArrayLike<number>;
}

/** What a user wants to know of rows, beside their values. */
export interface Wanted {
  /** `column=value`, `column!=value`, `column`, or `none`; undefined: those that come with a data set. */
  readonly label?: string | undefined;
  /** A column of classes; of arrays and images, which bring theirs, `class`. */
  readonly classes?: string | undefined;
}

/** Rows of an array scored at a time; tables come in chunks of their own. */
const arrayChunk = 8192;

/**
 * Understands DATA: `sql:QUERY`, `dataset:NAME` (with `:train` or `:test` behind it for one part), or
 * a path.
 */
function parseDataSource(text: string): DataSource {
  if (text.startsWith("sql:")) return { kind: "table", source: { sql: text.slice("sql:".length) } };
  if (text.startsWith("dataset:")) {
    const [, name = "", part] = /^dataset:(.*?)(?::(train|test))?$/s.exec(text)!;
    if (name === "") throw new UsageError("dataset: needs a name", "See surprisal datasets.");
    return { kind: "dataset", name, part: part as "train" | "test" | undefined };
  }
  return tableFormatOf(text) === undefined ? { kind: "array", path: text } : { kind: "table", source: text };
}

/** The columns to read for a fitted detector, of the kinds it knows; undefined where rows fit by position. */
function schemaOf(model: FittedDetector | undefined): ExpectedColumn[] | undefined {
  const input = model?.metadata.input;
  if (input?.kind !== "table" || !input.named) return undefined;
  return input.columns.map(({ name, kind }) => ({ name, kind }));
}

function withSchema(
  options: ReadTableOptions,
  schema: readonly ExpectedColumn[] | undefined,
): ReadTableOptions {
  return schema === undefined ? options : { ...options, schema };
}

/** `column!=value` as `column=value`, to be turned round. */
function readLabelSpec(label: string): { readonly spec: string; readonly inverted: boolean } {
  const [, column, value] = /^(.*)!=([^=]*)$/s.exec(label) ?? [];
  return column === undefined
    ? { spec: label, inverted: false }
    : { spec: `${column}=${value}`, inverted: true };
}

const inverse = (labels: Uint8Array): Uint8Array => labels.map((label) => 1 - label);

/** Numbers of classes that an array comes with, and their names where they have some. */
interface Classes {
  readonly numbers: Uint8Array;
  readonly names?: readonly string[];
}

/** The rows of the class that `class=VALUE` asks for; VALUE is a name or a number. */
function classLabels({ numbers, names }: Classes, spec: string): Uint8Array {
  const { value = "1" } = parseLabelSpec(spec, classNames);
  const named = names?.indexOf(value) ?? -1;
  const wanted = named >= 0 ? named : Number(value);
  const labels = numbers.map((entry) => (entry === wanted ? 1 : 0));
  if (labels.includes(1)) return labels;
  const known = names ?? [...new Set(numbers)].sort((a, b) => a - b).slice(0, 20);
  throw new SurprisalError(`No row is of the class ${value}; the classes are ${known.join(", ")}.`);
}

/** Names under which the classes of an array go. */
const classNames = ["class", "label", "y"];

function labelledArray(X: NDArray, known: Classes | undefined, { label, classes }: Wanted): LabelledSamples {
  const missing = (flag: string) =>
    new UsageError(
      `${flag}: these rows have no labels`,
      "Labels come with tables, .npz archives (y), IDX files, sub-folders of images and data sets.",
    );
  if (classes !== undefined) {
    if (known === undefined) throw missing("--classes");
    if (!classNames.includes(classes)) {
      throw new UsageError(`--classes: these rows have no columns; give --classes ${classNames[0]}`);
    }
  }
  const found = classes === undefined ? {} : { classes: known!.numbers };
  if (label === undefined) return { samples: X, ...found };
  if (known === undefined) throw missing("--label");
  const { spec, inverted } = readLabelSpec(label);
  const labels = classLabels(known, spec);
  return { samples: X, labels: inverted ? inverse(labels) : labels, ...found };
}

/** A table without its columns of labels and classes, and these. They may be the same column. */
function labelledTable(table: Table, { label, classes }: Wanted): LabelledSamples {
  const found = classes === undefined ? undefined : splitClasses(table, classes);
  const classesFound = found && { classes: found.classes };
  if (label === undefined) return { samples: found?.features ?? table, ...classesFound };
  const { spec, inverted } = readLabelSpec(label);
  const { features, labels } = splitLabel(table, spec);
  const isLeft = features.columns.some(({ name }) => name === classes);
  return {
    samples: isLeft ? dropColumns(features, [classes!]) : features,
    labels: inverted ? inverse(labels) : labels,
    ...classesFound,
  };
}

/** One part of a data set. Tables know their anomalies; of images the user says which class is one. */
function partOfDataset(dataset: Dataset, part: "train" | "test", wanted: Wanted): LabelledSamples {
  if (dataset.kind === "image") {
    const images = part === "test" ? (dataset.test ?? dataset) : dataset;
    return labelledArray(images.X, { numbers: images.y }, wanted);
  }
  const { table, y } = dataset;
  if (wanted.label !== undefined) {
    throw new UsageError(
      `--label: the data set "${dataset.name}" knows its anomalies`,
      "Leave --label out, or give --label none to ignore them.",
    );
  }
  const found = labelledTable(table, wanted);
  return y === undefined ? found : { ...found, labels: y };
}

/**
 * All rows of DATA with their labels and classes.
 * @param part the part of a data set that is meant where DATA does not say it
 * @param model a fitted detector: only its columns are read, in the kinds it knows
 */
export async function readLabelled(
  data: string,
  { label, classes }: Wanted,
  options: ReadDataOptions,
  part: "train" | "test",
  model?: FittedDetector,
): Promise<LabelledSamples> {
  const { signal } = options;
  const source = parseDataSource(data);
  const wanted: Wanted = { label: label === "none" ? undefined : label, classes };
  if (source.kind === "dataset") {
    const dataset = await loadDataset(source.name, signal === undefined ? {} : { signal });
    const { labels, ...rest } = partOfDataset(dataset, source.part ?? part, wanted);
    return labels === undefined || label === "none" ? rest : { ...rest, labels };
  }
  if (source.kind === "array") {
    const found = await readData(source.path, options);
    if (found.kind === "table") return labelledTable(found.table, wanted);
    const { array, labels, classes: names } = found;
    const known = labels && { numbers: labels, ...(names === undefined ? {} : { names }) };
    return labelledArray(array, known, wanted);
  }
  return labelledTable(await readWanted(source.source, wanted, options, model), wanted);
}

/** A table, of a fitted detector's columns and that of the labels where a detector is given. */
function readWanted(
  source: TableSource,
  { label }: Wanted,
  options: ReadTableOptions,
  model: FittedDetector | undefined,
): Promise<Table> {
  const schema = schemaOf(model);
  if (schema === undefined || label === undefined) return readTable(source, withSchema(options, schema));
  const { spec } = readLabelSpec(label);
  const isColumn = schema.some(({ name }) => name === spec);
  const column = isColumn ? spec : spec.replace(/=[^=]*$/, "");
  // Columns beside the detector's are left out on purpose: no note.
  const { onNote: _, ...quietly } = options;
  const columns = [...schema.filter(({ name }) => name !== column), { name: column }];
  return readTable(source, { ...quietly, schema: columns });
}

/** Some rows to score, and the columns of them that the result keeps. */
export interface SampleChunk {
  readonly samples: Samples;
  readonly kept: readonly Column[];
  /** Rows in all, where that is known. */
  readonly total?: number;
}

const keepAll = (keep: readonly string[]): boolean => keep.length === 1 && keep[0] === "all";

function keptColumns(table: Table, keep: readonly string[]): readonly Column[] {
  if (keepAll(keep)) return table.columns;
  return table.columns.filter(({ name }) => keep.includes(name));
}

async function* chunksOf(samples: Samples, keep: readonly string[]): AsyncGenerator<SampleChunk> {
  if ("columns" in samples) {
    const total = samples.rowCount;
    const unknown = keepAll(keep)
      ? undefined
      : keep.find((wanted) => !samples.columns.some(({ name }) => name === wanted));
    if (unknown !== undefined) throw new UsageError(`--keep: there is no column "${unknown}"`);
    for (let from = 0; from < total; from += arrayChunk) {
      const size = Math.min(arrayChunk, total - from);
      const table = takeRows(
        samples,
        Array.from({ length: size }, (_, i) => from + i),
      );
      yield { samples: table, kept: keptColumns(table, keep), total };
    }
    return;
  }
  if (keep.length > 0)
    throw new UsageError("--keep needs data with named columns; arrays and images have none");
  const { data, shape } = samples as NDArray;
  const [total = 0, ...rest] = shape;
  const width = rest.reduce((product, dim) => product * dim, 1);
  for (let from = 0; from < total; from += arrayChunk) {
    const to = Math.min(total, from + arrayChunk);
    yield {
      samples: { data: data.subarray(from * width, to * width), shape: [to - from, ...rest] },
      kept: [],
      total,
    };
  }
}

/**
 * The rows of DATA in chunks, in their order. Tables are streamed and may be larger than the memory.
 * @param keep names of columns that the result keeps; `all` for every one
 */
export async function* streamSamples(
  data: string,
  model: FittedDetector,
  options: ReadDataOptions,
  keep: readonly string[],
): AsyncGenerator<SampleChunk> {
  const source = parseDataSource(data);
  if (source.kind !== "table") {
    const { samples } = await readLabelled(data, { label: "none" }, options, "test", model);
    yield* chunksOf(samples, keep);
    return;
  }
  const schema = schemaOf(model);
  const wanted =
    schema === undefined || keepAll(keep)
      ? undefined
      : [
          ...schema,
          ...keep.filter((name) => !schema.some((column) => column.name === name)).map((name) => ({ name })),
        ];
  // Columns beside the detector's are left out on purpose: no note.
  const { onNote: _, ...quietly } = options;
  for await (const table of streamTable(source.source, withSchema(quietly, wanted))) {
    yield { samples: table, kept: keptColumns(table, keep) };
  }
}
