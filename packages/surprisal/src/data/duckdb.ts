import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { SurprisalError } from "../errors.js";

/** An SQL string literal. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** An SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Memory that DuckDB may use before it spills or refuses, and its threads: modest, as a guest in the process. */
const settings: Readonly<Record<string, string>> = {
  memory_limit: "1GB",
  threads: "2",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

/** DuckDB's native library takes a third of a second to load: not before a table is read. */
async function createInstance(path: string): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await import("@duckdb/node-api");
  return Instance.create(path, { ...settings });
}

let shared: Promise<DuckDBInstance> | undefined;

/** The one database in memory of this process, made when first asked for. */
function sharedInstance(): Promise<DuckDBInstance> {
  shared ??= createInstance(":memory:");
  return shared;
}

/**
 * Opens a connection to DuckDB: to the process's database in memory, or to a database file of its
 * own. An abort interrupts the running query. The caller closes it.
 */
export async function openDuckDB(
  options: { readonly path?: string; readonly signal?: AbortSignal } = {},
): Promise<{ connection: DuckDBConnection; close: () => void }> {
  const { path, signal } = options;
  signal?.throwIfAborted();
  const own = path === undefined ? undefined : await createInstance(path);
  const connection = await (own ?? (await sharedInstance())).connect();
  // The search for common subexpressions is quadratic in the number of columns.
  await connection.run("set TimeZone = 'UTC'; set disabled_optimizers = 'common_subexpressions'");
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  return {
    connection,
    close: () => {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      own?.closeSync();
    },
  };
}

const shorten = (text: string): string => {
  const clean = text.replace(/[\p{Cc}\uFFFD]/gu, "\u00B7").trim();
  return clean.length > 120 ? `${clean.slice(0, 120)}...` : clean;
};

/**
 * Turns an error of DuckDB into one that names the source and the line and says what to do. Errors
 * that are already explained, and aborts, pass unchanged.
 */
export function explainDuckDBError(error: unknown, label: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof SurprisalError || !(error instanceof Error)) return error;
  const message = error.message;
  const say = (text: string): SurprisalError => new SurprisalError(text, { cause: error });
  const csv =
    /CSV Error on Line: (\d+)\s*\n(?:Original Line:([\s\S]*?)\n(?=Expected|Value|Invalid|Error|Maximum|Possible|\s*\n))?/.exec(
      message,
    );
  const line = csv?.[1];
  const original = csv?.[2] === undefined ? "" : `: ${shorten(csv[2])}`;
  const width = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (width !== null && line !== undefined) {
    return say(
      `${label}, line ${line}: ${width[2]} values where the table has ${width[1]} columns${original}. ` +
        "Every line must have as many values as the first; quote values that hold the delimiter.",
    );
  }
  if (/unterminated quote/i.test(message)) {
    return say(
      `${label}, line ${line ?? "?"}: a quote is opened and not closed, or text follows a closing quote${original}. ` +
        'A quote inside a quoted value is written twice ("").',
    );
  }
  if (/unicode|not utf-8|byte sequence/i.test(message)) {
    return say(
      `${label}${line === undefined ? "" : `, line ${line}`}: the text is not UTF-8${original}. ` +
        "Convert the file to UTF-8, or name its true format if it is not a text table.",
    );
  }
  if (/invalid state|RFC 4180/i.test(message)) {
    return say(
      `${label}: the lines cannot be told apart. Use one kind of line end throughout (\\n or \\r\\n) and ` +
        'double the quotes inside quoted values ("").',
    );
  }
  if (/Maximum line size/i.test(message)) {
    return say(
      `${label}: line ${line ?? "?"} is longer than 2 MB. Is a quote left open, or is it not a text table?`,
    );
  }
  const json = /Malformed JSON.*?at byte (\d+) in (?:record\/value|line) (\d+): ([^\n]*)/.exec(message);
  if (json !== null) {
    return say(`${label}: malformed JSON in record ${json[2]}, byte ${json[1]}: ${shorten(json[3]!)}`);
  }
  if (/magic bytes|parquet/i.test(message)) {
    return say(`${label} is not a whole Parquet file (${shorten(message.split("\n")[0]!)}).`);
  }
  if (/Out of Memory/i.test(message)) {
    return say(
      `${label}: not enough memory to read it (${shorten(message.split("\n")[0]!)}). Read it in chunks.`,
    );
  }
  return say(`${label} cannot be read: ${shorten(message.split("\n")[0]!)}`);
}
