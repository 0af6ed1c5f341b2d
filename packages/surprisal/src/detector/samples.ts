import type { NDArray } from "../data/ndarray.js";
import type { Table } from "../data/table.js";
import { SurprisalError } from "../errors.js";
import { inBlocks } from "../numeric/index.js";
import type { Samples } from "./types.js";

export type ElementType = "float64" | "float32" | "uint8";
export type Elements = Float64Array | Float32Array | Uint8Array;

/** Rows in the form in which programs take them: row-major, one element type. */
export interface SampleRows {
  readonly kind: "table" | "array";
  readonly rowCount: number;
  readonly dtype: ElementType;
  /** Numeric part, `rowCount` times the product of `shape` elements. */
  readonly data: Elements;
  /** Shape of one row of the numeric part. */
  readonly shape: readonly number[];
  /** Names of the numeric columns of a table. */
  readonly names: readonly string[];
  /** False when the names were made up from positions. */
  readonly named: boolean;
  /** Categories, row-major; an empty string is a missing one. */
  readonly categories: readonly string[];
  readonly categoryNames: readonly string[];
  /** True for tables, in which a missing value is no fault by itself. */
  readonly mayMiss: boolean;
}

function isTable(samples: Samples): samples is Table {
  return "columns" in samples;
}

function isNDArray(samples: Samples): samples is NDArray {
  return "shape" in samples && "data" in samples;
}

function elementTypeOf(data: NDArray["data"]): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  return "float64";
}

export const elementArrays = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array } as const;

/** The elements as the given type, without a copy where they have it. */
function toElements(data: ArrayLike<number>, dtype: ElementType): Elements {
  return data instanceof elementArrays[dtype] ? data : new elementArrays[dtype](data);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i}`);

function fromTable(table: Table): SampleRows {
  const numeric = table.columns.filter((column) => column.kind === "numeric");
  const categorical = table.columns.filter((column) => column.kind === "categorical");
  const data = new Float64Array(table.rowCount * numeric.length);
  numeric.forEach(({ values }, j) => {
    for (let i = 0; i < table.rowCount; i++) data[i * numeric.length + j] = values[i]!;
  });
  const categories = new Array<string>(table.rowCount * categorical.length);
  categorical.forEach(({ values }, j) => {
    for (let i = 0; i < table.rowCount; i++) categories[i * categorical.length + j] = values[i] ?? "";
  });
  return {
    kind: "table",
    rowCount: table.rowCount,
    dtype: "float64",
    data,
    shape: [numeric.length],
    names: numeric.map((column) => column.name),
    named: true,
    categories,
    categoryNames: categorical.map((column) => column.name),
    mayMiss: true,
  };
}

function fromArray({ data, shape }: NDArray): SampleRows {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (shape.length === 0 || shape.some((dim) => !Number.isInteger(dim) || dim < 0) || size !== data.length) {
    throw new SurprisalError(
      `an array of shape [${shape.join(", ")}] needs ${size} elements, but its data has ${data.length}`,
    );
  }
  const [rowCount = 0, ...rest] = shape;
  const dtype = elementTypeOf(data);
  const rowShape = rest.length === 0 ? [1] : rest;
  return {
    kind: rowShape.length === 1 ? "table" : "array",
    rowCount,
    dtype,
    data: toElements(data, dtype),
    shape: rowShape,
    names: rowShape.length === 1 ? numbered(rowShape[0]!) : [],
    named: false,
    categories: [],
    categoryNames: [],
    mayMiss: false,
  };
}

function fromLists(rows: readonly (readonly number[])[]): SampleRows {
  const width = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    if (!Array.isArray(row) && !ArrayBuffer.isView(row)) {
      throw new SurprisalError(
        `row ${i} is not an array of numbers; give rows as number[][], an NDArray or a Table`,
      );
    }
    if (row.length !== width) {
      throw new SurprisalError(
        `row ${i} has ${row.length} values, but row 0 has ${width}; all rows need the same width`,
      );
    }
    for (let j = 0; j < width; j++) {
      const value = row[j];
      if (typeof value !== "number") {
        throw new SurprisalError(`row ${i}, column ${j} is ${JSON.stringify(value)}, not a number`);
      }
      data[i * width + j] = value;
    }
  });
  return fromArray({ data, shape: [rows.length, width] });
}

/** The rows a user gave. Throws a `SurprisalError` for ragged rows, a wrong size, or no rows or columns. */
export function readSamples(samples: Samples): SampleRows {
  if (typeof samples !== "object" || samples === null) {
    throw new SurprisalError("rows must be given as number[][], an NDArray ({ data, shape }) or a Table");
  }
  const rows = isTable(samples)
    ? fromTable(samples)
    : isNDArray(samples)
      ? fromArray(samples)
      : fromLists(samples);
  if (rows.rowCount > 0 && rows.names.length + rows.categoryNames.length === 0 && rows.kind === "table") {
    throw new SurprisalError("the rows have no columns");
  }
  return rows;
}

/** Whether these are the numbers of all of so many rows, in their order. */
function areAllRows(indices: Uint32Array, rowCount: number): boolean {
  if (indices.length !== rowCount) return false;
  for (let i = 0; i < rowCount; i++) if (indices[i] !== i) return false;
  return true;
}

/** The given rows in the given order; the same object when they are all the rows in their order. */
export function takeSampleRows(rows: SampleRows, indices: Uint32Array): SampleRows {
  if (areAllRows(indices, rows.rowCount)) return rows;
  const width = rows.shape.reduce((product, dim) => product * dim, 1);
  const labels = rows.categoryNames.length;
  const { data } = rows;
  const taken = new (data.constructor as new (length: number) => Elements)(indices.length * width);
  const categories = new Array<string>(indices.length * labels);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    const to = i * width;
    for (let j = 0; j < width; j++) taken[to + j] = data[from + j]!;
    for (let j = 0; j < labels; j++) categories[i * labels + j] = rows.categories[indices[i]! * labels + j]!;
  }
  return { ...rows, rowCount: indices.length, data: taken, categories };
}

/** Name of the column that holds element `position` of a row. */
function columnName(rows: Pick<SampleRows, "names" | "shape">, position: number): string {
  const name = rows.names[position];
  if (name !== undefined) return `column "${name}"`;
  const index: number[] = [];
  let rest = position;
  for (const dim of [...rows.shape].reverse()) {
    index.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return `element [${index.join(", ")}]`;
}

/** The place of the first value from `from` up to (excluding) `to` that is infinite or NaN, or -1. */
function firstNonFinite(data: Elements, from: number, to: number): number {
  for (let k = from; k < to; k++) {
    const value = data[k]!;
    // Infinity - Infinity and NaN - NaN are both NaN, which differs from 0.
    if (value - value !== 0) return k;
  }
  return -1;
}

/**
 * Throws a `SurprisalError` naming the first infinite value, and the first missing one in a
 * column for which `mayMiss` is not true.
 */
export function refuseBadValues(
  rows: SampleRows,
  mayMiss: (position: number) => boolean,
  firstRow = 0,
): void {
  if (rows.dtype === "uint8") return;
  const width = rows.shape.reduce((product, dim) => product * dim, 1);
  const { data } = rows;
  inBlocks(data.length, (from, to) => {
    for (let k = firstNonFinite(data, from, to); k >= 0; k = firstNonFinite(data, k + 1, to)) {
      const value = data[k]!;
      const position = k % width;
      const place = `row ${firstRow + Math.floor(k / width)}, ${columnName(rows, position)}`;
      if (!Number.isNaN(value)) {
        throw new SurprisalError(
          `${place} is ${value}; remove the row or replace the value by a finite number`,
        );
      }
      if (!mayMiss(position)) {
        throw new SurprisalError(
          `${place} is missing (NaN); remove the row, fill the value in, or fit with missing: "median"`,
        );
      }
    }
  });
}
