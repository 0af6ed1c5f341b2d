import { type Column, type Samples, SurprisalError } from "surprisal";

/** The value of a column that is the same in all rows to learn from; undefined where it varies. */
function constantValue(
  { values }: Column,
  labels: Uint8Array | undefined,
): number | string | null | undefined {
  let first: number | string | null | undefined;
  for (let row = 0; row < values.length; row++) {
    if (labels?.[row] === 1) continue;
    const value = values[row]!;
    if (first === undefined) first = value;
    else if (!Object.is(value, first)) return undefined;
  }
  return first;
}

/**
 * Refuses columns that hold one value in all rows that are not labelled as anomalies: nothing can be
 * learned from them, and they are often a sign of a wrong export.
 * @throws SurprisalError naming them, with what to do
 */
export function refuseConstantColumns(samples: Samples, labels: Uint8Array | undefined): void {
  if (!("columns" in samples) || samples.rowCount < 2) return;
  const found = samples.columns.flatMap((column) => {
    const value = constantValue(column, labels);
    return value === undefined ? [] : [{ name: column.name, value }];
  });
  if (found.length === 0) return;
  const { name, value } = found[0]!;
  const shown = value === null || Number.isNaN(value) ? "is empty" : `holds ${JSON.stringify(value)}`;
  const others = found.length === 1 ? "" : `; and so do ${found.length - 1} more`;
  throw new SurprisalError(
    `the column "${name}" ${shown} in every row to learn from${others}. Leave out what is constant with ` +
      `--drop ${found.map((column) => column.name).join(",")}, or accept it with --keep-constant.`,
  );
}
