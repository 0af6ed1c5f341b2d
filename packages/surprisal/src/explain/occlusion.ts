import type { Column, Table } from "../data/table.js";
import type { FittedDetector } from "../detector/types.js";

/** What a column is replaced by: a number, or a category. */
export type TypicalValue = number | string | null;

/**
 * The typical value of each column: the median of the numbers that are there, or the most frequent
 * category (the first in the alphabet among equals). A column without any value has NaN or null.
 */
export function typicalValues(table: Table): readonly TypicalValue[] {
  return table.columns.map((column) =>
    column.kind === "numeric" ? median(column.values) : mode(column.values),
  );
}

function median(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const middle = present.length >> 1;
  if (present.length === 0) return Number.NaN;
  return present.length % 2 === 1 ? present[middle]! : present[middle - 1]! / 2 + present[middle]! / 2;
}

function mode(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return ranked[0]?.[0] ?? null;
}

/** Each row once for every column, with that column replaced by its typical value. */
function occludedRows(rows: Table, typical: readonly TypicalValue[]): Table {
  const width = rows.columns.length;
  const columns = rows.columns.map((column, j): Column => {
    const { name } = column;
    if (column.kind === "numeric") {
      const values = new Float64Array(rows.rowCount * width);
      for (let k = 0; k < values.length; k++) {
        values[k] = k % width === j ? (typical[j] as number) : column.values[Math.floor(k / width)]!;
      }
      return { name, kind: "numeric", values };
    }
    const values = Array.from({ length: rows.rowCount * width }, (_, k) =>
      k % width === j ? (typical[j] as string | null) : column.values[Math.floor(k / width)]!,
    );
    return { name, kind: "categorical", values };
  });
  return { columns, rowCount: rows.rowCount * width };
}

/**
 * What each column adds to the score of each row, by occlusion: the score minus the score of the
 * same row with that column at its typical value. In units of the score; negative where the value
 * speaks against an anomaly. The parts need not add up to the score, as columns act together.
 *
 * The idea is Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (2014), with
 * the typical value in place of grey.
 * @returns rows × columns, row-major
 * @throws SurprisalError as `score`
 */
export async function occlusion(
  model: FittedDetector,
  rows: Table,
  typical: readonly TypicalValue[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const options = signal === undefined ? {} : { signal };
  const { scores } = await model.score(rows, options);
  const { scores: without } = await model.score(occludedRows(rows, typical), options);
  const width = rows.columns.length;
  return without.map((score, k) => scores[Math.floor(k / width)]! - score);
}
