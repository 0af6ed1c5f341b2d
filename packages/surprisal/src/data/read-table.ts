import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import { type ColumnKind, type TypedColumn, typeColumns } from "./column-kinds.js";
import { explainDuckDBError, openDuckDB } from "./duckdb.js";
import { openRelation, type Relation, type RelationOptions, type SourceColumn } from "./relation.js";
import { resolveSource, type TableFormat, type TableSource } from "./source.js";
import type { Column, Table } from "./table.js";

/** A column that must be there; without a kind it may be of either. */
export interface ExpectedColumn {
  readonly name: string;
  readonly kind?: ColumnKind;
}

export interface ReadTableOptions {
  /** The format, where the extension does not say it. */
  readonly format?: TableFormat;
  /**
   * Delimited text: whether the first line names the columns. Default: it does, and a first line of
   * nothing but numbers is refused. With `false` the columns are column1, column2 and so on.
   */
  readonly header?: boolean;
  /** Delimited text: the character between values. Default: found out of `,` tab `;` `|`. */
  readonly delimiter?: string;
  /** The columns to read, in this order; the others are left out with a note. Default: all. */
  readonly schema?: readonly ExpectedColumn[];
  /** The kinds of some columns, where the one found out is not wanted. */
  readonly kinds?: Readonly<Record<string, ColumnKind>>;
  /** Further texts that stand for a missing value, beside empty, NULL, NA, N/A, NaN and ?. */
  readonly missing?: readonly string[];
  /** Told what was done without being asked, e.g. columns left out; one sentence each. */
  readonly onNote?: (note: string) => void;
  readonly signal?: AbortSignal;
}

export interface StreamTableOptions extends ReadTableOptions {
  /** Rows in a chunk, the last one apart. Default 16384. */
  readonly chunkRows?: number;
}

/** Names and kinds of the columns of a source, and its number of rows. */
export interface TableDescription {
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly rowCount: number;
}

/** Picks the wanted columns out of those that are there. */
function pickColumns(
  relation: Relation,
  options: ReadTableOptions,
): readonly { readonly column: SourceColumn; readonly kind?: ColumnKind }[] {
  const { schema, kinds = {}, onNote } = options;
  const byName = new Map(relation.columns.map((column) => [column.name, column]));
  for (const name of Object.keys(kinds)) {
    if (!byName.has(name)) {
      throw new SurprisalError(
        `kinds names the column "${name}", which ${relation.label} does not have.${suggestion(name, byName.keys(), "columns")}`,
      );
    }
  }
  const kindOf = (name: string): ColumnKind | undefined =>
    Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (schema === undefined) {
    return relation.columns.map((column) => {
      const kind = kindOf(column.name);
      return kind === undefined ? { column } : { column, kind };
    });
  }
  const expected = new Set(schema.map(({ name }) => name));
  const extra = relation.columns.map(({ name }) => name).filter((name) => !expected.has(name));
  const lacking = schema.filter(({ name }) => !byName.has(name));
  if (lacking.length > 0) {
    const { name } = lacking[0]!;
    const others =
      lacking.length === 1
        ? ""
        : ` Also missing: ${lacking
            .slice(1, 10)
            .map((column) => `"${column.name}"`)
            .join(", ")}${lacking.length > 10 ? ", ..." : ""}.`;
    const width =
      relation.columns.length === schema.length
        ? ""
        : ` It has ${relation.columns.length} columns, ${schema.length} are expected.`;
    throw new SurprisalError(
      `${relation.label} has no column "${name}".${suggestion(name, extra, "columns beside the expected ones")}${others}${width}`,
    );
  }
  if (extra.length > 0) {
    const names = extra.slice(0, 10).map((name) => `"${name}"`);
    onNote?.(
      `${relation.label}: ${extra.length === 1 ? "1 column is" : `${extra.length} columns are`} not used: ` +
        `${names.join(", ")}${extra.length > 10 ? ", ..." : ""}.`,
    );
  }
  return schema.map(({ name, kind }) => {
    const column = byName.get(name)!;
    const settled = kindOf(name) ?? kind;
    return settled === undefined ? { column } : { column, kind: settled };
  });
}

/** Columns that grow as chunks arrive, cut into tables. */
interface Collector {
  readonly rowCount: () => number;
  readonly append: (chunk: DuckDBDataChunk, from: number, to: number) => void;
  readonly take: () => Table;
}

function collectColumns(columns: readonly TypedColumn[], capacity: number): Collector {
  let rows = 0;
  let room = capacity;
  const fresh = (): (Float64Array | (string | null)[])[] =>
    columns.map(({ kind }) => (kind === "numeric" ? new Float64Array(room) : []));
  let stores = fresh();
  // Each category is kept as one string, however many rows it has.
  const interned = columns.map(() => new Map<string, string>());
  const intern = (place: number, text: string): string => {
    const known = interned[place]!.get(text);
    if (known !== undefined) return known;
    if (interned[place]!.size < 100_000) interned[place]!.set(text, text);
    return text;
  };
  return {
    rowCount: () => rows,
    append: (chunk, from, to) => {
      const needed = rows + to - from;
      if (needed > room) {
        room = Math.max(needed, room * 2);
        stores = stores.map((store) => {
          if (!(store instanceof Float64Array)) return store;
          const larger = new Float64Array(room);
          larger.set(store.subarray(0, rows));
          return larger;
        });
      }
      stores.forEach((store, place) => {
        const vector = chunk.getColumnVector(place);
        if (store instanceof Float64Array) {
          for (let i = from; i < to; i++) store[rows + i - from] = vector.getItem(i) as number;
        } else {
          for (let i = from; i < to; i++) {
            const text = vector.getItem(i) as string | null;
            store.push(text === null ? null : intern(place, text));
          }
        }
      });
      rows = needed;
    },
    take: () => {
      const table: Column[] = columns.map(({ name, kind }, place) =>
        kind === "numeric"
          ? { name, kind, values: (stores[place] as Float64Array).slice(0, rows) }
          : { name, kind, values: stores[place] as (string | null)[] },
      );
      const result = { columns: table, rowCount: rows };
      rows = 0;
      stores = fresh();
      return result;
    },
  };
}

/** SQL that gives, for a row with an entry that is not a number, the place of its column and its text. */
function faultQuery(columns: readonly TypedColumn[]): string | undefined {
  const cases = columns.flatMap(({ fault, text }, i) =>
    fault === undefined ? [] : [`when ${fault} then '${i}:' || ${text}`],
  );
  return cases.length === 0 ? undefined : `case ${cases.join(" ")} end`;
}

function checkFaults(
  chunk: DuckDBDataChunk,
  columns: readonly TypedColumn[],
  rowsBefore: number,
  label: string,
): void {
  const faults = chunk.getColumnVector(columns.length);
  for (let i = 0; i < chunk.rowCount; i++) {
    const fault = faults.getItem(i) as string | null;
    if (fault === null) continue;
    const colon = fault.indexOf(":");
    throw new SurprisalError(
      `${label}: column "${columns[Number(fault.slice(0, colon))]!.name}" must be numeric and holds ` +
        `${JSON.stringify(fault.slice(colon + 1, colon + 81))} in data row ${rowsBefore + i + 1}. ` +
        "Correct the entry, or leave it empty if the value is missing.",
    );
  }
}

async function* streamRelation(
  connection: DuckDBConnection,
  relation: Relation,
  options: StreamTableOptions,
): AsyncGenerator<Table> {
  const { chunkRows = 16384, missing = [], signal } = options;
  const columns = await typeColumns(connection, relation, pickColumns(relation, options), missing);
  const faults = faultQuery(columns);
  const selected = columns.map(({ value }, i) => `${value} as v${i}`);
  if (faults !== undefined) selected.push(`${faults} as faults`);
  if (selected.length === 0) throw new SurprisalError("The schema names no columns.");
  const result = await connection.stream(`select ${selected.join(", ")} from ${relation.from}`);
  const whole = chunkRows === Number.POSITIVE_INFINITY;
  const collector = collectColumns(columns, whole ? 4096 : Math.min(chunkRows, 1 << 20));
  let seen = 0;
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    if (faults !== undefined) checkFaults(chunk, columns, seen, relation.label);
    seen += chunk.rowCount;
    for (let from = 0; from < chunk.rowCount; ) {
      const to = Math.min(chunk.rowCount, from + chunkRows - collector.rowCount());
      collector.append(chunk, from, to);
      from = to;
      if (collector.rowCount() === chunkRows) yield collector.take();
    }
  }
  if (seen === 0) {
    throw new SurprisalError(
      `${relation.label} has no rows: it names ${relation.columns.length} columns and holds no values.`,
    );
  }
  if (collector.rowCount() > 0) yield collector.take();
}

/**
 * Reads a table in chunks of `chunkRows` rows, in the order of the source and without ever holding
 * it whole. Kinds of text columns that the schema does not say are found out in a first pass over
 * the source. See {@link readTable} for formats, kinds and errors.
 */
export async function* streamTable(
  source: TableSource,
  options: StreamTableOptions = {},
): AsyncGenerator<Table> {
  const { chunkRows, signal } = options;
  if (
    chunkRows !== undefined &&
    !(chunkRows >= 1 && (Number.isInteger(chunkRows) || chunkRows === Infinity))
  ) {
    throw new SurprisalError(`chunkRows must be a whole number of at least 1, not ${chunkRows}.`);
  }
  const resolved = await resolveSource(source, options.format);
  const { connection, close } = await openDuckDB(signal === undefined ? {} : { signal });
  try {
    const relation = await openRelation(connection, resolved, relationOptions(options), signal);
    yield* streamRelation(connection, relation, options);
  } catch (error) {
    throw explainDuckDBError(error, resolved.label, signal);
  } finally {
    close();
  }
}

function relationOptions(options: ReadTableOptions): RelationOptions {
  return {
    ...(options.header === undefined ? {} : { header: options.header }),
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  };
}

/**
 * Reads a whole table: CSV and TSV (also `.gz`, `.zst`), Parquet, JSON, NDJSON or an SQL query.
 *
 * Numbers, decimals, whole numbers of any size and truth values (true 1, false 0) become numeric
 * columns of float64; dates and times too, as seconds since 1970-01-01 UTC. Text becomes a column of
 * categories. In delimited text a column is numeric when all its entries are numbers (or all true /
 * false, or all dates), over the whole file. Empty entries, NULL, NA, N/A, NaN and ? are missing
 * (NaN, or null in categories); infinities stay.
 *
 * @throws SurprisalError naming the fault: file not found, unknown extension, empty file, header
 *   without rows, column named twice, line of another width, truncated gzip, bytes that are not
 *   text, column missing from the file, text in a numeric column (with column, row and text).
 */
export async function readTable(source: TableSource, options: ReadTableOptions = {}): Promise<Table> {
  for await (const table of streamTable(source, { ...options, chunkRows: Number.POSITIVE_INFINITY }))
    return table;
  throw new SurprisalError("The table has no rows.");
}

/**
 * Names and kinds of the columns of a source and its number of rows, without keeping its values.
 * @throws SurprisalError as {@link readTable}, except that a table without rows is described too
 */
export async function describeTable(
  source: TableSource,
  options: ReadTableOptions = {},
): Promise<TableDescription> {
  const resolved = await resolveSource(source, options.format);
  const { connection, close } = await openDuckDB(
    options.signal === undefined ? {} : { signal: options.signal },
  );
  try {
    const relation = await openRelation(connection, resolved, relationOptions(options), options.signal);
    const columns = await typeColumns(
      connection,
      relation,
      pickColumns(relation, options),
      options.missing ?? [],
    );
    const count = await connection.runAndReadAll(`select count(*) from ${relation.from}`);
    return {
      columns: columns.map(({ name, kind }) => ({ name, kind })),
      rowCount: Number(count.getRows()[0]?.[0]),
    };
  } catch (error) {
    throw explainDuckDBError(error, resolved.label, options.signal);
  } finally {
    close();
  }
}
