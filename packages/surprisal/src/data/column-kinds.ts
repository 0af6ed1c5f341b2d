import type { DuckDBConnection } from "@duckdb/node-api";
import { SurprisalError } from "../errors.js";
import { sqlText } from "./duckdb.js";
import type { Relation, SourceColumn } from "./relation.js";
import type { Column } from "./table.js";

export type ColumnKind = Column["kind"];

/** Texts that stand for a missing value, in either case; blanks around them do not count. */
const missingPattern = "\\s*(|NULL|NA|N/A|NAN|\\?)\\s*";

/** Share of numbers from which a column with other entries is taken for a numeric one with faults. */
const numericShare = 0.8;

/** How the text of a column is turned into numbers; `any` tries all. */
type TextNumbers = "number" | "boolean" | "time" | "any";

/** A column with the SQL that reads it. */
export interface TypedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Gives DOUBLE (missing is NaN) for numeric and VARCHAR (missing is NULL) for categorical. */
  readonly value: string;
  /** True where an entry is not missing and not a number; absent where that cannot be. */
  readonly fault?: string;
  /** The entry as text. */
  readonly text: string;
}

const isNumeric = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM|BOOLEAN|"?NULL"?)$/.test(type);
const isTime = (type: string): boolean => /^(DATE|TIME|TIMESTAMP|INTERVAL)/.test(type);
const isText = (type: string): boolean => /^(VARCHAR|UUID|ENUM\([\s\S]*\))$/.test(type);

/** The text of a column, with the user's own missing markers taken out. */
function textOf(column: SourceColumn, missing: readonly string[]): string {
  const text = column.sqlType === "VARCHAR" ? column.reference : `cast(${column.reference} as VARCHAR)`;
  if (missing.length === 0) return text;
  const words = missing.map((word) => sqlText(word.trim())).join(", ");
  return `case when list_contains([${words}], trim(${text})) then null else ${text} end`;
}

// No IN list: DuckDB makes a hash join of each, which takes gigabytes for a hundred columns.
const isMissing = (text: string): string => `regexp_full_match(${text}, ${sqlText(missingPattern)}, 'i')`;

const numberOf = (text: string): string => `try_cast(${text} as DOUBLE)`;
const booleanOf = (text: string): string =>
  `case lower(trim(${text})) when 'true' then 1.0::DOUBLE when 'false' then 0.0::DOUBLE end`;
// A year, month and day must be there: DuckDB also reads words such as "infinity" as times.
const timeOf = (text: string): string =>
  `case when regexp_matches(${text}, '^\\s*\\d{4}[-/]\\d{1,2}[-/]\\d{1,2}') then epoch(try_cast(${text} as TIMESTAMPTZ)) end`;

const numbersOf: Readonly<Record<TextNumbers, (text: string) => string>> = {
  number: numberOf,
  boolean: booleanOf,
  time: timeOf,
  any: (text) => `coalesce(${numberOf(text)}, ${booleanOf(text)}, ${timeOf(text)})`,
};

function numericText(name: string, text: string, numbers: TextNumbers): TypedColumn {
  const value = numbersOf[numbers](text);
  return {
    name,
    kind: "numeric",
    value: `coalesce(${value}, 'nan'::DOUBLE)`,
    fault: `${text} is not null and ${value} is null and not ${isMissing(text)}`,
    text,
  };
}

const categoricalText = (name: string, text: string): TypedColumn => ({
  name,
  kind: "categorical",
  value: `case when ${isMissing(text)} then null else ${text} end`,
  text,
});

/** Counts over all rows, by name of the aggregate. */
async function counts(
  connection: DuckDBConnection,
  from: string,
  aggregates: readonly string[],
): Promise<readonly number[]> {
  const result = await connection.runAndReadAll(`select ${aggregates.join(", ")} from ${from}`);
  return (result.getRows()[0] ?? []).map(Number);
}

/** The first row whose entry makes `fault` true, counted from 1, with the text of the entry. */
async function firstFault(
  connection: DuckDBConnection,
  from: string,
  column: TypedColumn,
): Promise<{ row: number; text: string }> {
  const result = await connection.runAndReadAll(
    `select place, entry from (select row_number() over () as place, ${column.text} as entry, ` +
      `(${column.fault}) as fault from ${from}) where fault limit 1`,
  );
  const [row, text] = result.getRows()[0] ?? [];
  return { row: Number(row), text: String(text) };
}

/** Finds out, over all rows, which untyped text columns are numbers, truth values, times or categories. */
async function inferText(
  connection: DuckDBConnection,
  relation: Relation,
  columns: readonly SourceColumn[],
  missing: readonly string[],
): Promise<readonly TypedColumn[]> {
  const texts = columns.map((column) => textOf(column, missing));
  const first = await counts(
    connection,
    relation.from,
    texts.flatMap((text) => [
      `count(${numberOf(text)})`,
      // A filter clause for each of a thousand columns takes ten times as long.
      `count(case when ${numericText("", text, "number").fault} then 1 end)`,
    ]),
  );
  const tallies = texts.map((_, i) => ({ numbers: first[2 * i]!, others: first[2 * i + 1]! }));
  const words = tallies.flatMap(({ numbers, others }, i) => (numbers === 0 && others > 0 ? [i] : []));
  const second =
    words.length === 0
      ? []
      : await counts(
          connection,
          relation.from,
          words.flatMap((i) => [`count(${booleanOf(texts[i]!)})`, `count(${timeOf(texts[i]!)})`]),
        );
  const typed: TypedColumn[] = [];
  for (const [i, { name }] of columns.entries()) {
    const text = texts[i]!;
    const { numbers, others } = tallies[i]!;
    const place = words.indexOf(i);
    // Every entry has been seen: what is left without a number is missing.
    const seen = (numbersAs: TextNumbers): void => {
      const { fault: _, ...column } = numericText(name, text, numbersAs);
      typed.push(column);
    };
    if (others === 0) {
      seen("number");
    } else if (place >= 0 && second[2 * place] === others) {
      seen("boolean");
    } else if (place >= 0 && second[2 * place + 1] === others) {
      seen("time");
    } else if (numbers / (numbers + others) >= numericShare) {
      const { row, text: entry } = await firstFault(
        connection,
        relation.from,
        numericText(name, text, "number"),
      );
      throw new SurprisalError(
        `${relation.label}: column "${name}" holds numbers except for ${others} of its ${numbers + others} entries; ` +
          `the first is ${JSON.stringify(entry.slice(0, 80))} in data row ${row}. Correct it, name it as a missing ` +
          `value (missing: [${JSON.stringify(entry.slice(0, 80))}]), or make the column one of categories ` +
          `(kinds: { ${JSON.stringify(name)}: "categorical" }).`,
      );
    } else {
      typed.push(categoricalText(name, text));
    }
  }
  return typed;
}

function typedColumn(
  column: SourceColumn,
  kind: ColumnKind | undefined,
  missing: readonly string[],
  label: string,
): TypedColumn {
  const { name, reference, sqlType } = column;
  if (isText(sqlType)) {
    const text = textOf(column, missing);
    return kind === "numeric" ? numericText(name, text, "any") : categoricalText(name, text);
  }
  if (!isNumeric(sqlType) && !isTime(sqlType)) {
    throw new SurprisalError(
      `${label}: column "${name}" holds ${sqlType.slice(0, 60)} values, which are neither numbers, times nor text. ` +
        "Leave it out or take it apart with an SQL query.",
    );
  }
  const text = `cast(${reference} as VARCHAR)`;
  if (kind === "categorical") return categoricalText(name, text);
  const value = isTime(sqlType) ? `epoch(${reference})` : `cast(${reference} as DOUBLE)`;
  return { name, kind: "numeric", value: `coalesce(${value}, 'nan'::DOUBLE)`, text };
}

/**
 * Settles the kind of each wanted column. Where the user or a schema says the kind, it is taken;
 * text of other columns is looked at from the first row to the last.
 * @throws SurprisalError for a column of nested values, or one of numbers with a few other entries
 */
export async function typeColumns(
  connection: DuckDBConnection,
  relation: Relation,
  wanted: readonly { readonly column: SourceColumn; readonly kind?: ColumnKind }[],
  missing: readonly string[],
): Promise<readonly TypedColumn[]> {
  const open = wanted.filter(({ column, kind }) => column.untyped && kind === undefined);
  const inferred = new Map<SourceColumn, TypedColumn>();
  if (open.length > 0) {
    const columns = open.map(({ column }) => column);
    const typed = await inferText(connection, relation, columns, missing);
    columns.forEach((column, i) => {
      inferred.set(column, typed[i]!);
    });
  }
  return wanted.map(
    ({ column, kind }) => inferred.get(column) ?? typedColumn(column, kind, missing, relation.label),
  );
}
