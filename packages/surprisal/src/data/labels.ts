import { SurprisalError } from "../errors.js";
import { didYouMean, suggestion } from "../suggest.js";
import type { Column, Table } from "./table.js";
import { firstMissing } from "./table-parts.js";

/** Which rows are anomalies: those whose `column` is `value`, or true (1) where no value is given. */
export interface LabelSpec {
  readonly column: string;
  readonly value?: string;
}

/**
 * Reads `column=value` or `column`. A column whose name holds `=` is found by trying the last `=` first.
 * @throws SurprisalError when the column or the value is empty, or no such column is among `names`
 */
export function parseLabelSpec(spec: string, names: readonly string[]): LabelSpec {
  if (names.includes(spec)) return { column: spec };
  const at = spec.lastIndexOf("=");
  const column = (at < 0 ? spec : spec.slice(0, at)).trim();
  const value = at < 0 ? undefined : spec.slice(at + 1).trim();
  if (column === "" || value === "") {
    throw new SurprisalError(`The label "${spec}" is not of the form column=value (e.g. class=1) or column.`);
  }
  if (!names.includes(column)) {
    throw new SurprisalError(`There is no label column "${column}".${suggestion(column, names, "columns")}`);
  }
  return value === undefined ? { column } : { column, value };
}

const truths: Readonly<Record<string, number>> = { "1": 1, true: 1, "0": 0, false: 0 };

function truthLabels(column: Column): Uint8Array {
  return Uint8Array.from(column.values as ArrayLike<number | string | null>, (entry, row) => {
    const label = entry === null ? undefined : truths[String(entry).trim().toLowerCase()];
    if (label !== undefined) return label;
    const shown = entry === null || Number.isNaN(entry) ? "no value" : JSON.stringify(entry);
    throw new SurprisalError(
      `The label column "${column.name}" must hold 0 and 1 (or true and false); data row ${row + 1} holds ${shown}. ` +
        `Say which value marks an anomaly: ${column.name}=value.`,
    );
  });
}

/** The number that a label value stands for in a numeric column. */
function numberOf(value: string): number {
  const truth = truths[value.toLowerCase()];
  if (truth !== undefined) return truth;
  const number = value === "" ? Number.NaN : Number(value);
  return Number.isNaN(number) ? Date.parse(value) / 1000 : number;
}

function valueLabels(column: Column, value: string): Uint8Array {
  const missing = firstMissing(column);
  if (missing >= 0) {
    throw new SurprisalError(`The label column "${column.name}" has no value in data row ${missing + 1}.`);
  }
  const labels =
    column.kind === "numeric"
      ? Uint8Array.from(column.values, (entry) => (entry === numberOf(value) ? 1 : 0))
      : Uint8Array.from(column.values, (entry) => (entry === value ? 1 : 0));
  return labels;
}

/**
 * Takes the label column out of a table.
 * @param spec `column=value`: rows with that value are anomalies; or `column`: one of 0 and 1 (true
 *   and false), 1 being an anomaly
 * @returns the other columns, and for each row 1 (anomaly) or 0 (normal). A value that no row has
 *   gives labels of 0 only when the column is numeric; among categories it is an error, as it is
 *   likely mistyped
 * @throws SurprisalError for an unknown column or value (with the nearest one) and for missing labels
 */
export function splitLabel(table: Table, spec: string): { features: Table; labels: Uint8Array } {
  const names = table.columns.map((column) => column.name);
  const { column: name, value } = parseLabelSpec(spec, names);
  const column = table.columns[names.indexOf(name)]!;
  const labels = value === undefined ? truthLabels(column) : valueLabels(column, value);
  if (value !== undefined && !labels.includes(1)) {
    const known = new Set<string>();
    for (let i = 0; i < column.values.length && known.size < 20; i++) known.add(String(column.values[i]));
    const near = didYouMean(value, known);
    if (column.kind === "categorical" || Number.isNaN(numberOf(value))) {
      throw new SurprisalError(
        `No row has the value "${value}" in the label column "${name}".` +
          (near === undefined ? ` It holds: ${[...known].join(", ")}.` : ` Did you mean "${name}=${near}"?`),
      );
    }
  }
  const columns = table.columns.filter((candidate) => candidate !== column);
  if (columns.length === 0) {
    throw new SurprisalError(`The table has only the label column "${name}" and nothing to look at.`);
  }
  return { features: { columns, rowCount: table.rowCount }, labels };
}
