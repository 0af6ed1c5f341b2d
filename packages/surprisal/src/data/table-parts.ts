import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import type { Column, Table } from "./table.js";

/**
 * A table from objects, one per row. Numbers, bigints and truth values make a numeric column, strings
 * one of categories, dates seconds since 1970-01-01 UTC; null, undefined and absent are missing.
 * Columns come in the order in which their names first appear.
 * @throws SurprisalError for no rows, no columns, a column that mixes numbers and text, or other values
 */
export function tableFromRows(rows: readonly Readonly<Record<string, unknown>>[]): Table {
  if (rows.length === 0) throw new SurprisalError("The table has no rows.");
  const names = new Set<string>();
  for (const [i, row] of rows.entries()) {
    if (row === null || typeof row !== "object" || Array.isArray(row)) {
      throw new SurprisalError(`Row ${i + 1} is not an object with a value for each column.`);
    }
    for (const name of Object.keys(row)) names.add(name);
  }
  if (names.size === 0) throw new SurprisalError("The rows have no columns.");
  return { columns: [...names].map((name) => columnFromValues(name, rows)), rowCount: rows.length };
}

function columnFromValues(name: string, rows: readonly Readonly<Record<string, unknown>>[]): Column {
  const entries = rows.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined));
  const firstText = entries.findIndex((entry) => typeof entry === "string");
  const firstNumber = entries.findIndex(
    (entry) => entry !== null && entry !== undefined && typeof entry !== "string",
  );
  if (firstText >= 0 && firstNumber >= 0) {
    throw new SurprisalError(
      `Column "${name}" mixes numbers and text: row ${firstNumber + 1} holds ${String(entries[firstNumber])}, ` +
        `row ${firstText + 1} holds ${JSON.stringify(entries[firstText])}.`,
    );
  }
  if (firstText >= 0) {
    return {
      name,
      kind: "categorical",
      values: entries.map((entry) => (entry as string | undefined) ?? null),
    };
  }
  const values = Float64Array.from(entries, (entry, i) => {
    if (entry === null || entry === undefined) return Number.NaN;
    if (typeof entry === "number" || typeof entry === "boolean" || typeof entry === "bigint")
      return Number(entry);
    if (entry instanceof Date) return entry.getTime() / 1000;
    throw new SurprisalError(
      `Column "${name}", row ${i + 1}: a value of type ${typeof entry} is neither number nor text.`,
    );
  });
  return { name, kind: "numeric", values };
}

/**
 * The column of a name.
 * @throws SurprisalError naming the nearest column when there is none
 */
export function columnNamed(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = table.columns.map((candidate) => candidate.name);
  throw new SurprisalError(`The table has no column "${name}".${suggestion(name, names, "columns")}`);
}

/**
 * The columns of these names, in this order.
 * @throws SurprisalError for a name that the table does not have
 */
export function selectColumns(table: Table, names: readonly string[]): Table {
  return { columns: names.map((name) => columnNamed(table, name)), rowCount: table.rowCount };
}

/**
 * The table without the columns of these names.
 * @throws SurprisalError for a name that the table does not have
 */
export function dropColumns(table: Table, names: readonly string[]): Table {
  const dropped = new Set(names.map((name) => columnNamed(table, name)));
  return { columns: table.columns.filter((column) => !dropped.has(column)), rowCount: table.rowCount };
}

/**
 * The rows at these places (counted from 0), in this order.
 * @throws SurprisalError for a place outside the table
 */
export function takeRows(table: Table, rows: ArrayLike<number>): Table {
  const places = Array.from(rows);
  for (const row of places) {
    if (!Number.isInteger(row) || row < 0 || row >= table.rowCount) {
      throw new SurprisalError(`There is no row ${row}: the table has rows 0 to ${table.rowCount - 1}.`);
    }
  }
  const columns = table.columns.map((column): Column => {
    if (column.kind === "numeric") {
      return { ...column, values: Float64Array.from(places, (row) => column.values[row]!) };
    }
    return { ...column, values: places.map((row) => column.values[row]!) };
  });
  return { columns, rowCount: places.length };
}

/** The number of the first row without a value, or -1. */
export function firstMissing({ kind, values }: Column): number {
  return kind === "numeric" ? values.findIndex(Number.isNaN) : values.indexOf(null);
}
