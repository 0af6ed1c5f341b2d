import type { DuckDBConnection } from "@duckdb/node-api";
import { SurprisalError } from "../errors.js";
import { type CsvLayout, csvLayout, readHead } from "./csv-head.js";
import { explainDuckDBError, sqlName, sqlText } from "./duckdb.js";
import { checkGzip } from "./gzip.js";
import type { ResolvedSource } from "./source.js";
import { checkZstd } from "./zstd.js";

/** A column as DuckDB sees it. `reference` is the SQL that reads it. */
export interface SourceColumn {
  readonly name: string;
  readonly reference: string;
  /** DuckDB's type, e.g. `DOUBLE`, `DECIMAL(10,2)`, `VARCHAR`. */
  readonly sqlType: string;
  /** Text whose kind is still to be found out from its entries. */
  readonly untyped: boolean;
}

/** What follows `from` in SQL, and the columns it offers. */
export interface Relation {
  readonly from: string;
  readonly columns: readonly SourceColumn[];
  readonly label: string;
}

export interface RelationOptions {
  readonly header?: boolean;
  readonly delimiter?: string;
}

/**
 * The first lines of a zstd text, which Node 20 cannot decompress by itself: DuckDB reads them as
 * one column that no delimiter splits.
 */
async function headOfZstd(connection: DuckDBConnection, path: string): Promise<string> {
  const result = await connection.runAndReadAll(
    `select line from read_csv(${sqlText(path)}, auto_detect=false, header=false, delim='\u0001', quote='', ` +
      `escape='', columns={'line': 'VARCHAR'}, compression='zstd') limit 64`,
  );
  return result
    .getRows()
    .map(([line]) => `${line ?? ""}\n`)
    .join("");
}

function csvRelation(path: string, compression: string, layout: CsvLayout, label: string): Relation {
  // Columns go by place (c0, c1 ...): DuckDB's identifiers ignore case, the names of a table do not.
  const columns = layout.names.map((name, i) => ({
    name,
    reference: `c${i}`,
    sqlType: "VARCHAR",
    untyped: true,
  }));
  const from =
    `read_csv(${sqlText(path)}, auto_detect=false, header=${layout.header}, delim=${sqlText(layout.delimiter)}, ` +
    `quote='"', escape='"', nullstr='', compression='${compression}', ` +
    `columns={${columns.map((column) => `'${column.reference}': 'VARCHAR'`).join(", ")}})`;
  return { from, columns, label };
}

async function describe(connection: DuckDBConnection, from: string, label: string): Promise<Relation> {
  const result = await connection.runAndReadAll(`describe select * from ${from}`);
  const columns = result.getRows().map(([name, type]): SourceColumn => {
    const reference = sqlName(String(name));
    const isJson = type === "JSON";
    return {
      name: String(name),
      reference: isJson ? `json_extract_string(${reference}, '$')` : reference,
      sqlType: isJson ? "VARCHAR" : String(type),
      untyped: isJson,
    };
  });
  return { from, columns, label };
}

/**
 * The relation of a source: layout and names of a delimited text are found from its beginning, the
 * types of other formats are DuckDB's. Compressed files are checked to their end first.
 * @throws SurprisalError for content that is not what the format says
 */
export async function openRelation(
  connection: DuckDBConnection,
  source: ResolvedSource,
  options: RelationOptions,
  signal?: AbortSignal,
): Promise<Relation> {
  const { label } = source;
  try {
    if (source.kind === "sql") return await describe(connection, `(${source.sql}\n) as query`, label);
    const { path, format, compression } = source;
    if (format === "parquet") return await describe(connection, `read_parquet(${sqlText(path)})`, label);
    if (options.delimiter !== undefined && [...options.delimiter].length !== 1) {
      throw new SurprisalError(
        `The delimiter must be one character, not ${JSON.stringify(options.delimiter)}.`,
      );
    }
    if (compression === "gzip") await checkGzip(path, signal);
    if (compression === "zstd") await checkZstd(path, signal);
    if (format === "json" || format === "ndjson") {
      const layout = format === "ndjson" ? "newline_delimited" : "auto";
      const codec = compression === "none" ? "uncompressed" : compression;
      return await describe(
        connection,
        `read_json(${sqlText(path)}, format='${layout}', sample_size=-1, compression='${codec}')`,
        label,
      );
    }
    const head =
      compression === "zstd"
        ? { text: await headOfZstd(connection, path), whole: true }
        : await readHead(path, compression);
    const delimiter = options.delimiter ?? (format === "tsv" ? "\t" : undefined);
    return csvRelation(
      path,
      compression,
      csvLayout(head.text, head.whole, label, options.header, delimiter),
      label,
    );
  } catch (error) {
    throw explainDuckDBError(error, label, signal);
  }
}
