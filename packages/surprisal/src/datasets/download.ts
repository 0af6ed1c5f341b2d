import { createHash } from "node:crypto";
import { mkdir, rmdir } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { explainWriteError, openAtomically } from "../data/atomic-file.js";
import { SurprisalError } from "../errors.js";

/** How far a download is. `total` is absent when the server does not say it. */
export interface DownloadProgress {
  readonly url: string;
  readonly received: number;
  readonly total?: number;
}

export interface DownloadOptions {
  /** SHA-256 of the right file, in lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Said after the reason when nothing could be downloaded: what the user can do. */
  readonly advice?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** The reason of a failed fetch, which Node hides in `cause`. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return inner === undefined ? message : `${message}: ${inner}`;
}

/** Fetches one address into `target`; gives the reason when that fails and leaves nothing behind. */
async function tryDownload(
  url: string,
  target: string,
  options: DownloadOptions,
): Promise<string | undefined> {
  const { signal, onProgress, sha256 } = options;
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    return reasonOf(error);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return `the server answers ${response.status} ${response.statusText}`.trimEnd();
  }
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  // A compressed transfer announces its compressed length, which is not that of the file.
  const total =
    Number.isFinite(length) && response.headers.get("content-encoding") === null ? length : undefined;
  const file = await openAtomically(target);
  const hash = createHash("sha256");
  let received = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      hash.update(value);
      received += value.length;
      try {
        await file.handle.writeFile(value);
      } catch (error) {
        throw explainWriteError(error, target);
      }
      onProgress?.({ url, received, ...(total === undefined ? {} : { total }) });
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    await file.discard();
    signal?.throwIfAborted();
    if (error instanceof SurprisalError) throw error;
    return `the connection was cut after ${received} bytes (${reasonOf(error)})`;
  }
  const found = hash.digest("hex");
  if (found !== sha256) {
    await file.discard();
    return `what it gives is not the expected file (${received} bytes, SHA-256 ${found} instead of ${sha256})`;
  }
  await file.commit();
  return undefined;
}

/** Makes the folder of a file; the function that it gives removes what was made, if still empty. */
async function makeFolder(folder: string): Promise<() => Promise<void>> {
  let first: string | undefined;
  try {
    first = await mkdir(folder, { recursive: true });
  } catch (error) {
    throw explainWriteError(error, folder);
  }
  return async () => {
    if (first === undefined) return;
    for (let at = folder; !relative(first, at).startsWith(".."); at = dirname(at)) {
      if (
        !(await rmdir(at).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
  };
}

/**
 * Downloads a file from the first of several addresses that gives the right one: into a temporary
 * file first, moved into place when its SHA-256 is right. Folders are made as needed.
 * @throws SurprisalError naming each address with what went wrong there; the abort reason when
 *   `signal` aborts. Nothing is left behind then.
 */
export async function download(
  urls: readonly string[],
  target: string,
  options: DownloadOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const undo = await makeFolder(dirname(target));
  const failures: string[] = [];
  try {
    for (const url of urls) {
      const failure = await tryDownload(url, target, options);
      if (failure === undefined) return;
      failures.push(`${url}: ${failure}`);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  await undo();
  throw new SurprisalError(
    `"${basename(target)}" could not be downloaded. ${failures.join("; ")}.${options.advice === undefined ? "" : ` ${options.advice}`}`,
  );
}
