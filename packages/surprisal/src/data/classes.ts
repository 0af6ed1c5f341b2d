import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import type { Table } from "./table.js";
import { dropColumns, firstMissing } from "./table-parts.js";

/** Beyond this many a column is no column of classes. */
const MOST_CLASSES = 1000;

/**
 * Takes a column of classes out of a table, for detectors that learn classes apart.
 * @returns the other columns; the class of each row as a number from 0; and what each number stands for, in
 *   rising order
 * @throws SurprisalError for an unknown column (with the nearest one), a missing class, and more than 1,000
 */
export function splitClasses(
  table: Table,
  name: string,
): { readonly features: Table; readonly classes: Uint32Array; readonly names: readonly string[] } {
  const column = table.columns.find((entry) => entry.name === name);
  if (!column) {
    const known = table.columns.map((entry) => entry.name);
    throw new SurprisalError(`There is no class column "${name}".${suggestion(name, known, "columns")}`);
  }
  const missing = firstMissing(column);
  if (missing >= 0) {
    throw new SurprisalError(`The class column "${name}" has no value in data row ${missing + 1}.`);
  }
  const values = column.values as ArrayLike<number | string>;
  const distinct = [...new Set(Array.from(values))];
  if (distinct.length > MOST_CLASSES) {
    throw new SurprisalError(
      `The class column "${name}" has ${distinct.length} values, more than ${MOST_CLASSES}; give a column of few classes.`,
    );
  }
  distinct.sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(distinct.map((value, number) => [value, number]));
  return {
    features: dropColumns(table, [name]),
    classes: Uint32Array.from(values, (value) => numbers.get(value)!),
    names: distinct.map(String),
  };
}
