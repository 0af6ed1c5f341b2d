import type { InputSchema } from "../artifact/metadata.js";
import type { NDArray } from "../data/ndarray.js";
import type { Column, Table } from "../data/table.js";
import { takeRows } from "../data/table-parts.js";
import type { FittedDetector, Samples } from "../detector/types.js";
import { SurprisalError } from "../errors.js";
import { contributions, typicalValues } from "../explain/index.js";
import { formatNumber } from "../pictures/format.js";
import type { PixelImage } from "../pictures/png.js";
import type { ReportImage, ReportRow } from "./types.js";

export interface MostAnomalousOptions {
  /** How many rows. Default 12. */
  readonly limit?: number;
  /** One a row, 1 for an anomaly. */
  readonly labels?: ArrayLike<number>;
  /** One a row. */
  readonly pValues?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/** Numbers of the rows with the highest scores, highest first; among equals the first row first. */
export function highestScores(scores: ArrayLike<number>, limit: number): number[] {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return order.slice(0, limit);
}

const isNDArray = (samples: Samples): samples is NDArray => "shape" in samples && "data" in samples;

/** The columns the detector was fitted on, in that order; rows without names go by position. */
function fittedColumns(input: Extract<InputSchema, { kind: "table" }>, samples: Samples): Table {
  if ("columns" in samples) {
    if (!input.named) return samples;
    const byName = new Map(samples.columns.map((column) => [column.name, column]));
    const columns = input.columns.map(({ name }) => {
      const column = byName.get(name);
      if (column === undefined) throw new SurprisalError(`column "${name}" is missing from the rows`);
      return column;
    });
    return { columns, rowCount: samples.rowCount };
  }
  const width = input.columns.length;
  const rowCount = isNDArray(samples) ? samples.shape[0]! : samples.length;
  const at = isNDArray(samples)
    ? (i: number, j: number) => samples.data[i * width + j]!
    : (i: number, j: number) => samples[i]![j]!;
  const columns = input.columns.map(({ name }, j): Column => {
    const values = Float64Array.from({ length: rowCount }, (_, i) => at(i, j));
    return { name, kind: "numeric", values };
  });
  return { columns, rowCount };
}

function textOf(column: Column, row: number): string {
  if (column.kind === "categorical") return column.values[row] ?? "missing";
  const value = column.values[row]!;
  return Number.isNaN(value) ? "missing" : formatNumber(value);
}

/** What is said of a row beside its score. */
function about(row: number, { labels, pValues }: MostAnomalousOptions) {
  return {
    ...(labels === undefined ? {} : { label: (labels[row] ? 1 : 0) as 0 | 1 }),
    ...(pValues === undefined ? {} : { pValue: pValues[row]! }),
  };
}

/**
 * The rows with the highest scores, each with what its columns add to the score: the file's output
 * `contribution`, else the drop of the score when the column is at its median (or most frequent
 * category) of all the rows given. Rows of arrays, which have no columns, come without parts.
 * @param scores one a row, as `model.score(samples)` gives them
 * @throws SurprisalError as `score`
 */
export async function mostAnomalousRows(
  model: FittedDetector,
  samples: Samples,
  scores: ArrayLike<number>,
  options: MostAnomalousOptions = {},
): Promise<ReportRow[]> {
  const numbers = highestScores(scores, options.limit ?? 12);
  const scored = (row: number) => ({ index: row, score: scores[row]!, ...about(row, options) });
  const { input } = model.metadata;
  if (input.kind === "array") return numbers.map((row) => ({ ...scored(row), values: [] }));
  if (numbers.length === 0) return [];
  const table = fittedColumns(input, samples);
  const rows = takeRows(table, numbers);
  const parts = await contributions(model, rows, typicalValues(table), options.signal);
  return numbers.map((row, i) => ({
    ...scored(row),
    values: table.columns.map((column, j) => ({
      name: column.name,
      value: textOf(column, row),
      contribution: parts[i * table.columns.length + j]!,
    })),
  }));
}

/** Whether a detector reconstructs images that can be drawn: [height, width], or with 1, 3 or 4 channels. */
export function reconstructsImages(model: FittedDetector): boolean {
  const { input, outputs } = model.metadata;
  if (input.kind !== "array" || !outputs.includes("reconstruction")) return false;
  const [, , channels = 1] = input.shape;
  return (input.shape.length === 2 || input.shape.length === 3) && [1, 3, 4].includes(channels);
}

/** Prepared values, 0 black to 1 white, as a picture. */
function pixels(values: Float32Array, [height = 1, width = 1, channels = 1]: readonly number[]): PixelImage {
  const data = Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  return { width, height, channels, data };
}

/**
 * The images with the highest scores, each beside what the detector made of it. The error E is the
 * sum over pixels and channels of the squared difference between image and reconstruction, both in
 * the prepared units, where 0 is black and 1 is white.
 * @param images `[n, height, width]` or `[n, height, width, channels]`, as the detector was fitted on
 * @param scores one an image, as `model.score(images)` gives them
 * @throws SurprisalError when the detector reads no images or has no output `reconstruction`
 */
export async function mostAnomalousImages(
  model: FittedDetector,
  images: NDArray,
  scores: ArrayLike<number>,
  options: MostAnomalousOptions = {},
): Promise<ReportImage[]> {
  const { input } = model.metadata;
  if (input.kind !== "array" || !reconstructsImages(model)) {
    throw new SurprisalError(`the detector ${model.name} has no reconstruction of images to show`);
  }
  const numbers = highestScores(scores, options.limit ?? 12);
  if (numbers.length === 0) return [];
  const size = input.shape.reduce((product, dim) => product * dim, 1);
  const taken = numbers.map((row) => images.data.subarray(row * size, (row + 1) * size));
  const data = new Float64Array(numbers.length * size);
  taken.forEach((image, i) => {
    data.set(image, i * size);
  });
  const { outputs: made } = await model.score(
    { data, shape: [numbers.length, ...input.shape] },
    { outputs: ["reconstruction"], ...(options.signal === undefined ? {} : { signal: options.signal }) },
  );
  return numbers.map((row, i) => {
    const prepared = Float32Array.from(taken[i]!, (value) => (value - input.offset) / input.scale);
    const reconstruction = made.reconstruction!.data.subarray(i * size, (i + 1) * size);
    const error = prepared.reduce((sum, value, k) => sum + (value - reconstruction[k]!) ** 2, 0);
    const { label } = about(row, options);
    return {
      index: row,
      score: scores[row]!,
      error,
      ...(label === undefined ? {} : { label }),
      input: pixels(prepared, input.shape),
      reconstruction: pixels(reconstruction, input.shape),
    };
  });
}
