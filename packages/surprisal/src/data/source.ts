import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SurprisalError } from "../errors.js";
import { didYouMean } from "../suggest.js";

/** How a table is laid out in its file. */
export type TableFormat = "csv" | "tsv" | "parquet" | "json" | "ndjson";

/**
 * Where a table comes from: a path (the format follows from its extension, behind `.gz` or `.zst`
 * where present), a path with its format, or an SQL query, which may name files
 * (`select * from 'a.parquet' where x > 0`).
 */
export type TableSource =
  | string
  | { readonly path: string; readonly format?: TableFormat }
  | { readonly sql: string };

const formatOfExtension: Readonly<Record<string, TableFormat>> = {
  csv: "csv",
  txt: "csv",
  data: "csv",
  tsv: "tsv",
  tab: "tsv",
  parquet: "parquet",
  pq: "parquet",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

/** Extensions that `readTable` knows, without the dot. */
export const tableExtensions: readonly string[] = Object.keys(formatOfExtension);

/** The table format that a file name announces, looking through `.gz` and `.zst`; undefined if none. */
export function tableFormatOf(path: string): TableFormat | undefined {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(gz|zst)$/, "");
  const dot = name.lastIndexOf(".");
  return dot < 0 ? undefined : formatOfExtension[name.slice(dot + 1)];
}

/** How a file is compressed, by its name. */
export type Compression = "none" | "gzip" | "zstd";

export function compressionOf(path: string): Compression {
  const lower = path.toLowerCase();
  if (lower.endsWith(".gz")) return "gzip";
  return lower.endsWith(".zst") ? "zstd" : "none";
}

/**
 * The status of a file or folder that must exist.
 * @throws SurprisalError when it does not (with the nearest name of its folder) or cannot be reached.
 */
export async function statOrExplain(path: string): Promise<Stats> {
  if (path === "") throw new SurprisalError("The path of the data is empty; give a file or a folder.");
  if (path.includes("\0")) throw new SurprisalError("The path of the data holds a NUL character.");
  try {
    return await stat(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") {
      throw new SurprisalError(`No permission to read "${path}".`, { cause: error });
    }
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      throw new SurprisalError(`Cannot reach "${path}": ${(error as Error).message}.`, { cause: error });
    }
    const folder = dirname(path);
    const names = await readdir(folder).catch(() => undefined);
    if (names === undefined) {
      throw new SurprisalError(`"${path}" does not exist: there is no folder "${folder}".`, { cause: error });
    }
    const near = didYouMean(basename(path), names);
    const hint = near === undefined ? "Check the path." : `Did you mean "${join(folder, near)}"?`;
    throw new SurprisalError(`"${path}" does not exist. ${hint}`, { cause: error });
  }
}

/** A table source whose file is known to exist and whose format is settled. */
export type ResolvedSource =
  | { readonly kind: "sql"; readonly sql: string; readonly label: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly format: TableFormat;
      readonly compression: Compression;
      readonly label: string;
    };

/**
 * Settles the format of a source and checks that its file is there.
 * @throws SurprisalError for an unknown extension, a missing file, a folder or an empty file.
 */
export async function resolveSource(source: TableSource, format?: TableFormat): Promise<ResolvedSource> {
  if (typeof source === "object" && "sql" in source) {
    const sql = source.sql.trim().replace(/(;\s*)+$/, "");
    if (sql === "") throw new SurprisalError("The SQL query is empty.");
    return { kind: "sql", sql, label: "the SQL query" };
  }
  const path = typeof source === "string" ? source : source.path;
  const status = await statOrExplain(path);
  if (status.isDirectory()) {
    throw new SurprisalError(
      `"${path}" is a folder, not a table. Give one file, or several with SQL: ` +
        `{ sql: "select * from '${join(path, "*.csv")}'" }.`,
    );
  }
  const settled = (typeof source === "string" ? undefined : source.format) ?? format ?? tableFormatOf(path);
  if (settled === undefined) {
    throw new SurprisalError(
      `"${path}" has no known table extension (${tableExtensions.map((name) => `.${name}`).join(", ")}). ` +
        `Rename it, or say its format: { path, format: "csv" }.`,
    );
  }
  if (!["csv", "tsv", "parquet", "json", "ndjson"].includes(settled)) {
    throw new SurprisalError(`Unknown table format "${settled}". Known: csv, tsv, parquet, json, ndjson.`);
  }
  if (status.isFile() && status.size === 0) throw new SurprisalError(`"${path}" is empty (0 bytes).`);
  return { kind: "file", path, format: settled, compression: compressionOf(path), label: `"${path}"` };
}
