import { open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { SurprisalError } from "../errors.js";
import type { Compression } from "./source.js";

/** What is read of a delimited text file to find out its layout. */
const headBytes = 1 << 20;

/** How a delimited text file is laid out. */
export interface CsvLayout {
  readonly delimiter: string;
  readonly header: boolean;
  readonly names: readonly string[];
}

/** The first bytes of a file, decompressed when gzipped; `whole` says that there are no more. */
async function firstBytes(
  path: string,
  compression: Compression,
): Promise<{ bytes: Buffer; whole: boolean }> {
  const file = await open(path);
  try {
    const raw = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(raw, 0, headBytes, 0);
    const bytes = raw.subarray(0, bytesRead);
    if (compression === "none") return { bytes, whole: bytesRead < headBytes };
    if (bytes.length < 2 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
      throw new SurprisalError(`"${path}" is named .gz and is not gzipped. Rename it, or download it again.`);
    }
    try {
      // A head ends in the middle of the stream: a sync flush gives what has been decoded so far.
      const text = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 30 });
      return { bytes: text.subarray(0, headBytes), whole: bytesRead < headBytes && text.length <= headBytes };
    } catch (error) {
      throw new SurprisalError(`"${path}" is damaged gzip (${(error as Error).message}).`, { cause: error });
    }
  } finally {
    await file.close();
  }
}

/**
 * Splits delimited text into records (quotes and doubled quotes understood), at most `limit` of
 * them; the last one only if it is ended by a line end or the text is whole.
 */
function records(text: string, delimiter: string, limit: number, whole: boolean): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let touched = false;
  for (let i = 0; i < text.length && rows.length < limit; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell.trim() === "") {
      quoted = true;
      touched = true;
      cell = "";
    } else if (c === delimiter) {
      row.push(cell);
      cell = "";
      touched = true;
    } else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i++;
      if (touched || cell !== "") rows.push([...row, cell]);
      row = [];
      cell = "";
      touched = false;
    } else cell += c;
  }
  if (rows.length < limit && whole && (touched || cell !== "")) rows.push([...row, cell]);
  return rows;
}

/** The delimiter under which most of the first records are as wide as the first one. */
function findDelimiter(text: string, whole: boolean): string {
  let best = ",";
  let bestScore = 0;
  for (const delimiter of [",", "\t", ";", "|"]) {
    const rows = records(text, delimiter, 50, whole);
    const width = rows[0]?.length ?? 0;
    if (width < 2) continue;
    const alike = rows.filter((row) => row.length === width).length / rows.length;
    const score = alike * 1000 + Math.min(width, 500);
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** Whether numbers merely count the columns (0, 1, 2 ... or 1, 2, 3 ...), as data frames without names write. */
const countsUp = (cells: readonly string[]): boolean =>
  cells.every((cell, i) => Number(cell) === Number(cells[0]) + i) && [0, 1].includes(Number(cells[0]));

function checkNames(names: readonly string[], label: string): void {
  const places = new Map<string, number>();
  names.forEach((name, i) => {
    const first = places.get(name);
    if (first !== undefined) {
      throw new SurprisalError(
        `${label}: the header names the column "${name}" twice (columns ${first + 1} and ${i + 1}). ` +
          "Rename one of them, or pass header: false if the first line holds data.",
      );
    }
    places.set(name, i);
  });
}

/**
 * The layout of a delimited text from its beginning.
 * @param text the beginning of the file; `whole` when it is all of it
 * @param header true: the first record names the columns; false: it is data and the columns are
 *   named column1, column2 ...; undefined: it names them, and a first record of nothing but numbers
 *   is refused as probably being data
 * @throws SurprisalError for text without records, duplicated names, or a header of numbers
 */
export function csvLayout(
  text: string,
  whole: boolean,
  label: string,
  header: boolean | undefined,
  delimiter: string | undefined,
): CsvLayout {
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (clean.trim() === "") {
    throw new SurprisalError(`${label} is empty: it holds nothing but blanks.`);
  }
  if (clean.includes("\0")) {
    throw new SurprisalError(
      `${label} is not a text table: it holds NUL bytes. Convert UTF-16 text to UTF-8, or name the true format.`,
    );
  }
  const chosen = delimiter ?? findDelimiter(clean, whole);
  const first = records(clean, chosen, 1, whole)[0];
  if (first === undefined) {
    throw new SurprisalError(
      `${label}: its first line does not end within ${headBytes >> 20} MiB. Is a quote left open, or is it not a text table?`,
    );
  }
  if (header === false) {
    return { delimiter: chosen, header: false, names: first.map((_, i) => `column${i + 1}`) };
  }
  if (header === undefined && first.every(isNumber) && !countsUp(first)) {
    throw new SurprisalError(
      `${label}: the first line holds only numbers (${first.slice(0, 5).join(", ")}${first.length > 5 ? ", ..." : ""}), ` +
        "so it seems to be data and not a header. Pass header: false (or header: true if these are names).",
    );
  }
  const names = first.map((name, i) => (name.trim() === "" ? `column${i + 1}` : name.trim()));
  checkNames(names, label);
  return { delimiter: chosen, header: true, names };
}

/**
 * The beginning of a plain or gzipped text file.
 * @throws SurprisalError for a file that is not gzip though named so, or not text
 */
export async function readHead(
  path: string,
  compression: Compression,
): Promise<{ text: string; whole: boolean }> {
  const { bytes, whole } = await firstBytes(path, compression);
  const start = bytes.subarray(0, 4).toString("latin1");
  if (start.startsWith("\xFF\xFE") || start.startsWith("\xFE\xFF")) {
    throw new SurprisalError(`"${path}" is UTF-16 text; convert it to UTF-8.`);
  }
  const known: readonly (readonly [string, string])[] = [
    ["PAR1", "a Parquet file (.parquet)"],
    ["PK\x03\x04", "a zip archive or a spreadsheet (.zip, .xlsx, .npz)"],
    ["\x1F\x8B", "gzipped (.gz)"],
    ["\x28\xB5\x2F\xFD", "compressed with zstd (.zst)"],
    ["\x89PNG", "a PNG image"],
  ];
  const found = known.find(([magic]) => start.startsWith(magic));
  if (found !== undefined) {
    throw new SurprisalError(`"${path}" is not a text table; it looks like ${found[1]}.`);
  }
  return { text: bytes.toString("utf8"), whole };
}
