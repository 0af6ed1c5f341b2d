import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import envPaths from "env-paths";
import { SurprisalError } from "../errors.js";
import { type DownloadProgress, download } from "./download.js";
import type { DatasetEntry, DatasetFile } from "./registry.js";

/** Where the files of a data set may be looked for. */
export interface LocateOptions {
  /** A folder laid out as SURPRISAL_DATA is, looked into first. */
  readonly folder?: string;
  /** Where downloads are kept. Default: the user's cache folder. */
  readonly cacheFolder?: string;
  /** Whether a file that is nowhere may be downloaded. Default true. */
  readonly download?: boolean;
  /** Whether the SHA-256 of files is checked, once in a process. Default true. */
  readonly verify?: boolean;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** Where a file of a data set was found. */
export type DatasetOrigin = "folder" | "SURPRISAL_DATA" | "samples" | "cache" | "download";

/** The folder of the bundled samples. */
export const samplesFolder: string = fileURLToPath(new URL("../../samples/", import.meta.url));

/** The folder that downloads are kept in unless the caller names one. */
export const defaultCacheFolder = (): string => join(envPaths("surprisal", { suffix: "" }).cache, "datasets");

async function sha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
  return hash.digest("hex");
}

/** Files whose checksum was found right in this process, by path, size and time. */
const verified = new Set<string>();

async function isIntact(path: string, expected: string, signal?: AbortSignal): Promise<boolean> {
  const status = await stat(path);
  const key = `${path}|${status.size}|${status.mtimeMs}|${expected}`;
  if (verified.has(key)) return true;
  const found = await sha256(path, signal);
  if (found === expected) verified.add(key);
  return found === expected;
}

const isFile = async (path: string): Promise<boolean> => {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ?? false;
};

/**
 * The path of one file of a data set: in the given folder, below SURPRISAL_DATA, in the cache, or
 * downloaded into the cache.
 * @throws SurprisalError when it is nowhere (with what to do) or is not the expected file
 */
export async function locateFile(
  entry: DatasetEntry,
  file: DatasetFile,
  options: LocateOptions,
): Promise<{ path: string; origin: DatasetOrigin }> {
  const { verify = true, signal } = options;
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const data = process.env.SURPRISAL_DATA;
  const places: readonly (readonly [DatasetOrigin, string | undefined])[] = [
    ["folder", options.folder],
    ["SURPRISAL_DATA", data === "" ? undefined : data],
    ["cache", cacheFolder],
  ];
  for (const [origin, folder] of places) {
    if (folder === undefined) continue;
    const path = join(folder, file.path);
    if (!(await isFile(path))) continue;
    if (!verify || (await isIntact(path, file.sha256, signal))) return { path, origin };
    // A damaged file in the cache is fetched anew; one that the user put there is reported.
    if (origin === "cache" && options.download !== false && file.urls.length > 0) continue;
    throw new SurprisalError(
      `"${path}" is not the expected file of the data set "${entry.name}": its SHA-256 is not ${file.sha256}. ` +
        "It may be cut off or another version; put the right file there, or pass verify: false to use it as it is.",
    );
  }
  const advice =
    `Put the file at "${join(cacheFolder, file.path)}", or set the environment variable SURPRISAL_DATA to a folder ` +
    `that holds it as "${file.path}".`;
  if (file.urls.length === 0) {
    throw new SurprisalError(
      `The data set "${entry.name}" is not on this machine and has no known download address. ${advice}`,
    );
  }
  if (options.download === false) {
    throw new SurprisalError(
      `The data set "${entry.name}" is not on this machine and downloads are off. Get ${file.urls[0]} by hand. ${advice}`,
    );
  }
  const path = join(cacheFolder, file.path);
  await download(file.urls, path, {
    sha256: file.sha256,
    advice,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { path, origin: "download" };
}
