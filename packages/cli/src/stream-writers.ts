import { type Column, openTableWriter, type Table, type TableWriter } from "surprisal";
import { type Io, write } from "./io.js";

/** Where the rows of a result go, table by table. */
export interface RowWriter {
  readonly write: (table: Table) => Promise<void>;
  /** Ends the output; nothing is in its place before. */
  readonly close: () => Promise<void>;
  /** Gives up and leaves nothing behind. */
  readonly abort: () => Promise<void>;
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csvCell(column: Column, row: number): string {
  const value = column.values[row];
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  return typeof value === "number" ? String(value) : quote(value);
}

/** Comma-separated values on the standard output. */
export function csvWriter({ stdout, signal }: Io): RowWriter {
  let begun = false;
  return {
    write: async ({ columns, rowCount }) => {
      const lines = begun ? [] : [columns.map(({ name }) => quote(name)).join(",")];
      begun = true;
      for (let row = 0; row < rowCount; row++)
        lines.push(columns.map((column) => csvCell(column, row)).join(","));
      await write(stdout, `${lines.join("\n")}\n`, signal);
    },
    close: async () => undefined,
    abort: async () => undefined,
  };
}

/** Columns whose 1 and 0 are written as true and false in JSON. */
const flags = new Set(["is_anomaly", "selected"]);

function jsonRow(columns: readonly Column[], row: number): string {
  const entries = columns.map(({ name, values }) => {
    const value = values[row];
    const isFlag = flags.has(name) && (value === 0 || value === 1);
    return [name, Number.isNaN(value) ? null : isFlag ? value === 1 : value];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Rows as the beginning of one JSON object: `{"scores": [...]`. The caller ends the object. */
export function jsonWriter({ stdout, signal }: Io): RowWriter {
  let begun = false;
  return {
    write: async ({ columns, rowCount }) => {
      const rows = Array.from({ length: rowCount }, (_, row) => jsonRow(columns, row));
      await write(stdout, `${begun ? ",\n" : '{"scores": [\n'}${rows.join(",\n")}`, signal);
      begun = true;
    },
    close: () => write(stdout, begun ? "\n]" : '{"scores": []', signal),
    abort: async () => undefined,
  };
}

/** A file, opened with the columns of the first rows; it takes its place when closed. */
export function fileWriter(path: string): RowWriter {
  let inner: TableWriter | undefined;
  return {
    write: async (table) => {
      inner ??= await openTableWriter(path, table.columns);
      await inner.write(table);
    },
    close: async () => inner?.close(),
    abort: async () => inner?.abort(),
  };
}
