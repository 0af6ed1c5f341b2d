import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { SurprisalError } from "../errors.js";
import { explainWriteError, openAtomically, temporaryBeside } from "./atomic-file.js";
import type { ColumnKind } from "./column-kinds.js";
import { openDuckDB, sqlName, sqlText } from "./duckdb.js";
import { compressionOf, type TableFormat, tableFormatOf } from "./source.js";
import type { Column, Table } from "./table.js";

/** A table being written in pieces. */
export interface TableWriter {
  /**
   * Appends rows. The columns must be those that the writer was opened with, in their order.
   * @throws SurprisalError for other columns, or when the file cannot be written (which ends the
   *   writing; nothing is left behind)
   */
  readonly write: (rows: Table) => Promise<void>;
  /** Puts the complete file in its place. */
  readonly close: () => Promise<void>;
  /** Gives up: removes what was written; an older file of the name stays as it was. */
  readonly abort: () => Promise<void>;
}

/** Name and kind of a column to be written. */
export interface WrittenColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

const delimiters = { csv: ",", tsv: "\t" } as const;

function quoted(text: string, delimiter: string): string {
  const plain = text !== "" && !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}

function cell(value: number | string | null, delimiter: string): string {
  if (value === null || Number.isNaN(value)) return "";
  if (typeof value === "string") return quoted(value, delimiter);
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

/** JSON has no infinity; a number beyond the range of float64 is read as one. */
function jsonValue(value: number | string | null): string {
  if (value === null || Number.isNaN(value)) return "null";
  if (value === Number.POSITIVE_INFINITY) return "1e999";
  return value === Number.NEGATIVE_INFINITY ? "-1e999" : JSON.stringify(value);
}

/** How rows become text: what comes before, between and after them. */
interface TextLayout {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly row: (columns: readonly Column[], row: number) => string;
}

function textLayout(format: Exclude<TableFormat, "parquet">, columns: readonly WrittenColumn[]): TextLayout {
  if (format === "csv" || format === "tsv") {
    const delimiter = delimiters[format];
    const header = columns.map(({ name }) => quoted(name, delimiter)).join(delimiter);
    return {
      before: `${header}\n`,
      between: "\n",
      after: "\n",
      // A blank line is no row to many readers, so a missing value alone is written as "".
      row: (parts, row) => parts.map(({ values }) => cell(values[row]!, delimiter)).join(delimiter) || '""',
    };
  }
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const row = (parts: readonly Column[], at: number): string =>
    `{${parts.map(({ values }, i) => keys[i] + jsonValue(values[at]!)).join(",")}}`;
  if (format === "ndjson") return { before: "", between: "\n", after: "\n", row };
  return { before: "[\n", between: ",\n", after: "\n]\n", row };
}

async function openTextWriter(
  path: string,
  format: Exclude<TableFormat, "parquet">,
  columns: readonly WrittenColumn[],
): Promise<TableWriter> {
  const layout = textLayout(format, columns);
  const file = await openAtomically(path);
  const zipped = compressionOf(path) === "gzip";
  let rows = 0;
  // Each piece is a gzip member of its own; members in a row are one gzip file.
  const put = async (text: string): Promise<void> => {
    await file.handle.writeFile(zipped ? await promisify(gzip)(text) : text);
  };
  return {
    write: async ({ columns: parts, rowCount }) => {
      const lines: string[] = [];
      for (let i = 0; i < rowCount; i++) lines.push(layout.row(parts, i));
      if (rowCount === 0) return;
      await put((rows === 0 ? layout.before : layout.between) + lines.join(layout.between));
      rows += rowCount;
    },
    close: async () => {
      await put(rows > 0 ? layout.after : format === "json" ? "[]\n" : layout.before);
      await file.commit();
    },
    abort: file.discard,
  };
}

/** Rows of DuckDB's vectors. */
const vectorRows = 2048;

async function openParquetWriter(path: string, columns: readonly WrittenColumn[]): Promise<TableWriter> {
  // Rows wait in a database file beside the target, so that memory stays bounded, and are copied at the end.
  const database = `${temporaryBeside(path)}.duckdb`;
  const temporary = temporaryBeside(path);
  const remove = async (): Promise<void> => {
    for (const name of [database, `${database}.wal`, `${database}.tmp`, temporary]) {
      // Where no file can be (a file in place of a folder), there is none to remove.
      await rm(name, { force: true, recursive: true }).catch(() => undefined);
    }
  };
  let connection: DuckDBConnection;
  let closeDatabase: () => void;
  try {
    ({ connection, close: closeDatabase } = await openDuckDB({ path: database }));
  } catch (error) {
    await remove();
    throw explainWriteError(error, path);
  }
  const { DOUBLE, DuckDBDataChunk, VARCHAR } = await import("@duckdb/node-api");
  const types = columns.map(({ kind }) => (kind === "numeric" ? DOUBLE : VARCHAR));
  const defined = columns.map(({ kind }, i) => `c${i} ${kind === "numeric" ? "DOUBLE" : "VARCHAR"}`);
  let open = true;
  const discard = async (): Promise<void> => {
    if (open) closeDatabase();
    open = false;
    await remove();
  };
  try {
    await connection.run(`create table result (${defined.join(", ")})`);
  } catch (error) {
    await discard();
    throw explainWriteError(error, path);
  }
  return {
    write: async ({ columns: parts, rowCount }) => {
      const appender = await connection.createAppender("result");
      for (let from = 0; from < rowCount; from += vectorRows) {
        const to = Math.min(rowCount, from + vectorRows);
        const chunk = DuckDBDataChunk.create(types, to - from);
        parts.forEach(({ values }, place) => {
          const vector = chunk.getColumnVector(place);
          for (let i = from; i < to; i++) {
            const value = values[i]!;
            vector.setItem(i - from, value === null || Number.isNaN(value) ? null : value);
          }
          vector.flush();
        });
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
    close: async () => {
      const named = columns.map(({ name }, i) => `c${i} as ${sqlName(name)}`).join(", ");
      await connection.run(`copy (select ${named} from result) to ${sqlText(temporary)} (format parquet)`);
      await rename(temporary, path);
      await discard();
    },
    abort: discard,
  };
}

function checkColumns(expected: readonly WrittenColumn[], rows: Table): void {
  if (rows.columns.length !== expected.length) {
    throw new SurprisalError(
      `The rows have ${rows.columns.length} columns, the file has ${expected.length}.`,
    );
  }
  expected.forEach(({ name, kind }, i) => {
    const column = rows.columns[i]!;
    if (column.name !== name || column.kind !== kind) {
      throw new SurprisalError(
        `Column ${i + 1} of the rows is "${column.name}" (${column.kind}); the file has "${name}" (${kind}) there.`,
      );
    }
  });
}

/**
 * Opens a table file for writing in pieces; the format follows from the extension: `.csv`, `.tsv`,
 * `.parquet`, `.json`, `.ndjson` (or `.jsonl`), the text formats also with `.gz`. The file appears
 * under its name when closed. Missing values are empty (CSV) or null; infinities are `inf` in CSV
 * and a number beyond float64 in JSON.
 * @throws SurprisalError for an unknown extension, no or repeated columns, a missing folder or one
 *   that cannot be written to
 */
export async function openTableWriter(path: string, columns: readonly WrittenColumn[]): Promise<TableWriter> {
  const format = tableFormatOf(path);
  if (format === undefined) {
    throw new SurprisalError(
      `"${path}" has no known table extension; end it in .csv, .tsv, .parquet, .json or .ndjson.`,
    );
  }
  if (compressionOf(path) === "zstd" || (format === "parquet" && compressionOf(path) !== "none")) {
    throw new SurprisalError(
      `"${path}" cannot be written with that compression; use .gz with a text format, or none.`,
    );
  }
  if (columns.length === 0) throw new SurprisalError(`"${path}" would have no columns.`);
  const folded = columns.map(({ name }) => (format === "parquet" ? name.toLowerCase() : name));
  const repeated = folded.findIndex((name, i) => folded.indexOf(name) !== i);
  if (repeated >= 0) {
    throw new SurprisalError(
      `"${path}" would have the column "${columns[repeated]!.name}" twice; rename one.`,
    );
  }
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory())
    throw new SurprisalError(`Cannot write "${path}": it is a folder. Nothing was written.`);
  const inner =
    format === "parquet"
      ? await openParquetWriter(path, columns)
      : await openTextWriter(path, format, columns);
  let open = true;
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (!open) throw new SurprisalError(`"${path}" is already closed.`);
    try {
      await work();
    } catch (error) {
      open = false;
      await inner.abort();
      throw explainWriteError(error, path);
    }
  };
  return {
    write: (rows) =>
      guarded(async () => {
        checkColumns(columns, rows);
        await inner.write(rows);
      }),
    close: async () => {
      await guarded(inner.close);
      open = false;
    },
    abort: async () => {
      if (!open) return;
      open = false;
      await inner.abort();
    },
  };
}

/**
 * Writes a whole table; see {@link openTableWriter} for formats and errors.
 */
export async function writeTable(path: string, table: Table): Promise<void> {
  const writer = await openTableWriter(path, table.columns);
  await writer.write(table);
  await writer.close();
}
