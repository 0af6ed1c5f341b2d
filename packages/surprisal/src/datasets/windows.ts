import { readFile } from "node:fs/promises";
import type { Table } from "../data/table.js";
import { columnNamed } from "../data/table-parts.js";
import { SurprisalError } from "../errors.js";

/**
 * Labels of a time series from the windows of the Numenta benchmark: 1 where the time stamp lies in
 * a window (ends included), else 0.
 * @throws SurprisalError when the file of windows does not know the series
 */
export async function labelsOfWindows(table: Table, path: string, key: string): Promise<Uint8Array> {
  const windows = (JSON.parse(await readFile(path, "utf8")) as Record<string, [string, string][]>)[key];
  if (windows === undefined) throw new SurprisalError(`"${path}" has no windows for "${key}".`);
  const seconds = (text: string): number => Date.parse(`${text.trim().replace(" ", "T")}Z`) / 1000;
  const spans = windows.map(([from, to]) => [seconds(from), seconds(to)] as const);
  const times = columnNamed(table, "timestamp").values as ArrayLike<number>;
  return Uint8Array.from(times, (time) => (spans.some(([from, to]) => time >= from && time <= to) ? 1 : 0));
}
