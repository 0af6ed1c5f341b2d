import {
  add,
  cast,
  clip,
  concat,
  constant,
  div,
  flatten,
  input,
  isNaN as isMissing,
  labelEncode,
  oneHot,
  reshape,
  slice,
  sub,
  symbol,
  type Tensor,
  where,
} from "@surprisal/engine";
import type { InputSchema } from "../artifact/metadata.js";
import type { SampleRows } from "../detector/samples.js";
import { SurprisalError } from "../errors.js";
import { quantile } from "../thresholds/index.js";
import { fitScaling, type ScalingName, standardScalings } from "./scaling.js";

export interface PreprocessOptions {
  readonly scaling: ScalingName;
  /** What replaces a missing number; "refuse" makes it an error. */
  readonly missing: "refuse" | "median" | "mean";
  /** Most frequent categories that get a feature of their own. */
  readonly maxCategories: number;
  readonly dtype: "float32" | "float64";
  /** Limit prepared values to [0, 1]. */
  readonly clip: boolean;
}

/** What preprocessing learned from the training rows: plain data. */
export interface Preprocess {
  readonly input: InputSchema;
  /** One entry a numeric column of a table: what replaces NaN, and the scaling. */
  readonly fill: Float64Array;
  readonly center: Float64Array;
  readonly scale: Float64Array;
  /** Names of the prepared features; empty for arrays. */
  readonly features: readonly string[];
  /** Shape of one prepared row. */
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
  readonly clip: boolean;
}

/** The values of a column that are there, in `buffer`. */
function presentValues(rows: SampleRows, column: number, buffer: Float64Array): Float64Array {
  const { data } = rows;
  const width = rows.names.length;
  let count = 0;
  for (let k = column; k < data.length; k += width) {
    const value = data[k]!;
    if (!Number.isNaN(value)) buffer[count++] = value;
  }
  return buffer.subarray(0, count);
}

/** What replaces a missing value of a column; 0 where a missing value is refused. */
function typicalValue(values: Float64Array, missing: PreprocessOptions["missing"]): number {
  if (missing === "refuse") return 0;
  if (missing === "median") return quantile(values, 0.5);
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i]! - mean) / (i + 1);
  return mean;
}

/** The most frequent categories of a column, in alphabetical order. */
function frequentLevels(rows: SampleRows, column: number, most: number): string[] {
  const width = rows.categoryNames.length;
  const counts = new Map<string, number>();
  for (let i = 0; i < rows.rowCount; i++) {
    const level = rows.categories[i * width + column]!;
    counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return byCount
    .slice(0, most)
    .map(([level]) => level)
    .sort();
}

function fitTable(rows: SampleRows, options: PreprocessOptions): Preprocess {
  const width = rows.names.length;
  const [fill, center, scale] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  const isComplete = options.missing === "refuse";
  const isStandard = isComplete && options.scaling === "standard" && rows.rowCount > 0;
  const standard = isStandard ? standardScalings(rows.data, width) : undefined;
  const buffer = new Float64Array(standard ? 0 : rows.rowCount);
  const numeric = rows.names.map((name, j) => {
    scale[j] = 1;
    if (standard) [center[j], scale[j]] = [standard[j]!.center, standard[j]!.scale];
    // Rows as they are need no look at their values.
    else if (options.scaling !== "none" || !isComplete) {
      const values = presentValues(rows, j, buffer);
      if (values.length === 0) {
        throw new SurprisalError(`column "${name}" has no values in the training rows; drop it`);
      }
      const scaling = fitScaling(values, options.scaling);
      [fill[j], center[j], scale[j]] = [typicalValue(values, options.missing), scaling.center, scaling.scale];
    }
    return { name, kind: "numeric" as const, missing: !isComplete };
  });
  const categorical = rows.categoryNames.map((name, j) => ({
    name,
    kind: "categorical" as const,
    levels: frequentLevels(rows, j, options.maxCategories),
  }));
  const features = [
    ...rows.names,
    ...categorical.flatMap(({ name, levels }) => levels.map((level) => `${name}=${level || "(missing)"}`)),
  ];
  return {
    input: { kind: "table", dtype: rows.dtype, columns: [...numeric, ...categorical], named: rows.named },
    fill,
    center,
    scale,
    features,
    shape: [features.length],
    dtype: options.dtype,
    clip: options.clip,
  };
}

/** Range that maps an array's elements to [0, 1]: the range of bytes, else what the rows span. */
function arrayRange(rows: SampleRows, scaling: ScalingName): { offset: number; scale: number } {
  if (scaling === "none") return { offset: 0, scale: 1 };
  if (rows.dtype === "uint8") return { offset: 0, scale: 255 };
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of rows.data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low >= 0 && high <= 1) return { offset: 0, scale: 1 };
  return { offset: low, scale: high > low ? high - low : 1 };
}

function fitArray(rows: SampleRows, options: PreprocessOptions): Preprocess {
  const range = arrayRange(rows, options.scaling);
  return {
    input: { kind: "array", dtype: rows.dtype, shape: [...rows.shape], ...range },
    fill: new Float64Array(0),
    center: new Float64Array(0),
    scale: new Float64Array(0),
    features: [],
    shape: rows.shape,
    dtype: options.dtype,
    clip: options.clip,
  };
}

/**
 * Learns imputation, scaling and encoding from training rows, whose values are finite (or missing,
 * where the option allows it). Throws a `SurprisalError` naming a column without values.
 */
export function fitPreprocess(rows: SampleRows, options: PreprocessOptions): Preprocess {
  return rows.kind === "table" ? fitTable(rows, options) : fitArray(rows, options);
}

/** The inputs of a scoring program, as graphs take them; those that the rows have. */
export interface RawInputs {
  /** [N, numeric columns], or [N, ...shape] of an array. */
  readonly X?: Tensor;
  /** [N, categorical columns]. */
  readonly categories?: Tensor<"string">;
}

/** Names of the inputs of a program for such rows, in their order. */
export function inputNames(schema: InputSchema): string[] {
  return Object.keys(rawInputs(schema));
}

/** New inputs for such rows, with the symbolic number of rows N. */
export function rawInputs(schema: InputSchema): RawInputs {
  const rows = symbol("N");
  if (schema.kind === "array") return { X: input("X", [rows, ...schema.shape], schema.dtype) };
  const categorical = schema.columns.filter((column) => column.kind === "categorical").length;
  const numeric = schema.columns.length - categorical;
  return {
    ...(numeric > 0 && { X: input("X", [rows, numeric], schema.dtype) }),
    ...(categorical > 0 && { categories: input("categories", [rows, categorical], "string") }),
  };
}

/** The inputs of a scoring program and the prepared rows as an expression of them. */
export interface PreprocessGraph {
  readonly inputs: readonly string[];
  /** `[N, ...shape]` of the preprocess's dtype. */
  readonly prepared: Tensor;
}

function tableGraph(
  preprocess: Preprocess & { input: { kind: "table" } },
  { X, categories }: RawInputs,
): Tensor {
  const { columns } = preprocess.input;
  const width = preprocess.fill.length;
  const parts: Tensor[] = [];
  if (X) {
    const isShifted = preprocess.center.some((value) => value !== 0);
    const isScaled = preprocess.scale.some((value) => value !== 1);
    // In double precision: a large offset (a time stamp) would otherwise eat the digits.
    let x = cast(X, isShifted || isScaled ? "float64" : preprocess.dtype);
    if (columns.some((column) => column.kind === "numeric" && column.missing)) {
      x = where(
        isMissing(x),
        constant(
          x.dtype === "float64" ? preprocess.fill : Float32Array.from(preprocess.fill),
          [width],
          x.dtype,
        ),
        x,
      );
    }
    if (isShifted) x = sub(x, constant(preprocess.center, [width], x.dtype));
    if (isScaled) x = div(x, constant(preprocess.scale, [width], x.dtype));
    parts.push(cast(x, preprocess.dtype));
  }
  if (categories) {
    const [rows] = categories.shape;
    const categorical = columns.filter((column) => column.kind === "categorical");
    categorical.forEach(({ levels }, j) => {
      const column = reshape(slice(categories, { 1: { start: j, end: j + 1 } }), [rows!]);
      parts.push(oneHot(labelEncode(column, levels), levels.length, preprocess.dtype));
    });
  }
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

function arrayGraph(preprocess: Preprocess & { input: { kind: "array" } }, { X }: RawInputs): Tensor {
  const { offset, scale } = preprocess.input;
  let x: Tensor<"float32" | "float64"> = cast(X!, preprocess.dtype);
  if (offset !== 0) x = add(x, -offset);
  if (scale !== 1) x = div(x, scale);
  return x;
}

/** Preprocessing as a graph: from the file's inputs, new ones unless given, to the prepared rows. */
export function preprocessGraph(
  preprocess: Preprocess,
  raw: RawInputs = rawInputs(preprocess.input),
): PreprocessGraph {
  const { input: schema } = preprocess;
  const prepared =
    schema.kind === "table"
      ? tableGraph({ ...preprocess, input: schema }, raw)
      : arrayGraph({ ...preprocess, input: schema }, raw);
  return {
    inputs: inputNames(schema),
    prepared: preprocess.clip ? clip(prepared as Tensor<"float32">, 0, 1) : prepared,
  };
}

/** The prepared rows as a matrix `[N, features]`, images flattened. */
export function asMatrix<D extends "float32" | "float64">(x: Tensor<D>): Tensor<D> {
  return x.shape.length === 2 ? x : flatten(x, 1);
}
