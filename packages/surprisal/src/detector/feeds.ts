import type { HostTensor } from "@surprisal/engine";
import type { InputSchema } from "../artifact/metadata.js";
import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import {
  type Elements,
  type ElementType,
  elementArrays,
  refuseBadValues,
  type SampleRows,
} from "./samples.js";

const widthOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

function columnPositions(
  present: readonly string[],
  wanted: readonly string[],
  kind: string,
  other: readonly string[],
): number[] {
  return wanted.map((name) => {
    const position = present.indexOf(name);
    if (position >= 0) return position;
    if (other.includes(name)) {
      const holds =
        kind === "numeric" ? "numbers, but these rows hold text" : "text, but these rows hold numbers";
      throw new SurprisalError(`column "${name}" was fitted on ${holds}`);
    }
    throw new SurprisalError(
      `column "${name}" is missing from the rows.${suggestion(name, present, "columns")}`,
    );
  });
}

function pick<T>(
  from: ArrayLike<T>,
  rowCount: number,
  width: number,
  positions: readonly number[],
  into: { [index: number]: T },
): void {
  for (let i = 0; i < rowCount; i++) {
    for (let j = 0; j < positions.length; j++)
      into[i * positions.length + j] = from[i * width + positions[j]!]!;
  }
}

function alignTable(rows: SampleRows, schema: Extract<InputSchema, { kind: "table" }>): SampleRows {
  const numeric = schema.columns.filter((column) => column.kind === "numeric").map((column) => column.name);
  const categorical = schema.columns
    .filter((column) => column.kind === "categorical")
    .map((column) => column.name);
  if (!rows.named || !schema.named) {
    // Positions are all there is to go by on at least one side.
    if (rows.names.length !== numeric.length || rows.categoryNames.length !== categorical.length) {
      const given = rows.names.length + rows.categoryNames.length;
      throw new SurprisalError(
        `the rows have ${given} columns, but the detector was fitted on ${schema.columns.length}: ${[...numeric, ...categorical].slice(0, 8).join(", ")}${schema.columns.length > 8 ? ", …" : ""}`,
      );
    }
    return { ...rows, names: numeric, categoryNames: categorical };
  }
  const from = columnPositions(rows.names, numeric, "numeric", rows.categoryNames);
  const labels = columnPositions(rows.categoryNames, categorical, "categorical", rows.names);
  const isInOrder = (positions: readonly number[], width: number) =>
    positions.length === width && positions.every((position, i) => position === i);
  if (isInOrder(from, rows.names.length) && isInOrder(labels, rows.categoryNames.length)) return rows;
  const data = new Float64Array(rows.rowCount * numeric.length);
  pick(rows.data, rows.rowCount, rows.names.length, from, data);
  const categories = new Array<string>(rows.rowCount * categorical.length);
  pick(rows.categories, rows.rowCount, rows.categoryNames.length, labels, categories);
  return {
    ...rows,
    dtype: "float64",
    data,
    shape: [numeric.length],
    names: numeric,
    categories,
    categoryNames: categorical,
  };
}

/**
 * The rows with the columns of the schema, in its order. Extra columns are ignored; rows without
 * names fit by position. Throws a `SurprisalError` naming a missing column, a wrong width, or the
 * first value that is infinite or missing where the detector does not impute.
 */
export function alignRows(rows: SampleRows, schema: InputSchema, firstRow = 0): SampleRows {
  if (schema.kind === "array") {
    const width = widthOf(schema.shape);
    if (rows.categoryNames.length > 0 || widthOf(rows.shape) !== width) {
      throw new SurprisalError(
        `a row has shape [${rows.shape.join(", ")}], but the detector was fitted on rows of [${schema.shape.join(", ")}]`,
      );
    }
    refuseBadValues(rows, () => false, firstRow);
    return { ...rows, kind: "array", shape: schema.shape };
  }
  if (rows.kind === "array") {
    throw new SurprisalError(
      `a row has shape [${rows.shape.join(", ")}], but the detector was fitted on tables of ${schema.columns.length} columns`,
    );
  }
  const aligned = alignTable(rows, schema);
  const mayMiss = schema.columns.flatMap((column) => (column.kind === "numeric" ? [column.missing] : []));
  refuseBadValues(aligned, (position) => mayMiss[position]!, firstRow);
  return aligned;
}

/** From so many columns on, copying a row as a whole is faster than its values one by one. */
const WIDE = 32;

/** The rows `order[from]` up to (excluding) `order[to]` of a matrix, as elements of a type. */
function gather(
  data: Elements,
  width: number,
  order: Uint32Array,
  [from, to]: readonly [number, number],
  dtype: ElementType,
): Elements {
  const taken = new elementArrays[dtype]((to - from) * width);
  for (let i = from, k = 0; i < to; i++, k += width) {
    const start = order[i]! * width;
    if (width >= WIDE) taken.set(data.subarray(start, start + width), k);
    else for (let j = 0; j < width; j++) taken[k + j] = data[start + j]!;
  }
  return taken;
}

/**
 * Copies of the rows from (including) to (excluding), as the inputs of a scoring program with that
 * schema; with `order`, of the rows that it has at these places.
 */
export function toFeeds(
  rows: SampleRows,
  schema: InputSchema,
  from: number,
  to: number,
  order?: Uint32Array,
): Record<string, HostTensor> {
  const width = widthOf(rows.shape);
  const labels = rows.categoryNames.length;
  const feeds: Record<string, HostTensor> = {};
  if (width > 0) {
    const { dtype } = schema;
    const data = order
      ? gather(rows.data, width, order, [from, to], dtype)
      : new elementArrays[dtype](rows.data.subarray(from * width, to * width));
    feeds.X = { dtype, shape: [to - from, ...rows.shape], data } as HostTensor;
  }
  if (labels > 0) {
    const rowsTaken = order
      ? Array.from(order.subarray(from, to), (row) => rows.categories.slice(row * labels, (row + 1) * labels))
      : [rows.categories.slice(from * labels, to * labels)];
    feeds.categories = { dtype: "string", shape: [to - from, labels], data: rowsTaken.flat() };
  }
  return feeds;
}
