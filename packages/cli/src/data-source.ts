import {
  type Column,
  type Dataset,
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

/** Rows with, for each, whether it is a known anomaly. */
export interface LabelledSamples {
  readonly samples: Samples;
  readonly labels?: Uint8Array;
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
  const { value = "1" } = parseLabelSpec(spec, ["class", "label", "y"]);
  const named = names?.indexOf(value) ?? -1;
  const wanted = named >= 0 ? named : Number(value);
  const labels = numbers.map((entry) => (entry === wanted ? 1 : 0));
  if (labels.includes(1)) return labels;
  const known = names ?? [...new Set(numbers)].sort((a, b) => a - b).slice(0, 20);
  throw new SurprisalError(`No row is of the class ${value}; the classes are ${known.join(", ")}.`);
}

function labelledArray(X: NDArray, classes: Classes | undefined, label: string | undefined): LabelledSamples {
  if (label === undefined) return { samples: X };
  if (classes === undefined) {
    throw new UsageError(
      "--label: these rows have no labels",
      "Labels come with tables, .npz archives (y), IDX files, sub-folders of images and data sets.",
    );
  }
  const { spec, inverted } = readLabelSpec(label);
  const labels = classLabels(classes, spec);
  return { samples: X, labels: inverted ? inverse(labels) : labels };
}

/** One part of a data set. Tables know their anomalies; of images the user says which class is one. */
function partOfDataset(dataset: Dataset, part: "train" | "test", label: string | undefined): LabelledSamples {
  if (dataset.kind === "image") {
    const images = part === "test" ? (dataset.test ?? dataset) : dataset;
    return labelledArray(images.X, { numbers: images.y }, label);
  }
  const { table, y } = dataset;
  if (label !== undefined) {
    throw new UsageError(
      `--label: the data set "${dataset.name}" knows its anomalies`,
      "Leave --label out, or give --label none to ignore them.",
    );
  }
  return y === undefined ? { samples: table } : { samples: table, labels: y };
}

/**
 * All rows of DATA with their labels.
 * @param label `column=value`, `column!=value`, `column`, or `none`; undefined: those that come with a data set
 * @param part the part of a data set that is meant where DATA does not say it
 * @param model a fitted detector: only its columns are read, in the kinds it knows
 */
export async function readLabelled(
  data: string,
  label: string | undefined,
  options: ReadDataOptions,
  part: "train" | "test",
  model?: FittedDetector,
): Promise<LabelledSamples> {
  const { signal } = options;
  const source = parseDataSource(data);
  const spec = label === "none" ? undefined : label;
  if (source.kind === "dataset") {
    const dataset = await loadDataset(source.name, signal === undefined ? {} : { signal });
    if (label === "none") return { samples: partOfDataset(dataset, source.part ?? part, undefined).samples };
    return partOfDataset(dataset, source.part ?? part, spec);
  }
  if (source.kind === "array") {
    const found = await readData(source.path, options);
    if (found.kind === "table") return { samples: found.table };
    const { array, labels, classes } = found;
    const numbered =
      labels === undefined
        ? undefined
        : { numbers: labels, ...(classes === undefined ? {} : { names: classes }) };
    return labelledArray(array, numbered, spec);
  }
  return readLabelledTable(source.source, spec, options, model);
}

async function readLabelledTable(
  source: TableSource,
  label: string | undefined,
  options: ReadTableOptions,
  model: FittedDetector | undefined,
): Promise<LabelledSamples> {
  const schema = schemaOf(model);
  if (label === undefined) return { samples: await readTable(source, withSchema(options, schema)) };
  const { spec, inverted } = readLabelSpec(label);
  const known = schema?.map(({ name }) => name) ?? [];
  const column = known.includes(spec) ? spec : spec.replace(/=[^=]*$/, "");
  const wanted = schema && [...schema.filter(({ name }) => name !== column), { name: column }];
  // With a schema, columns beside the detector's are left out on purpose: no note.
  const { onNote: _, ...quietly } = options;
  const table = await readTable(source, wanted === undefined ? options : { ...quietly, schema: wanted });
  const { features, labels } = splitLabel(table, spec);
  return { samples: features, labels: inverted ? inverse(labels) : labels };
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
    const { samples } = await readLabelled(data, "none", options, "test", model);
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
