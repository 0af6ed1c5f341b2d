import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { SurprisalError } from "../errors.js";

/**
 * Reads a gzipped file to its end and checks its length and CRC. DuckDB returns the rows of a
 * truncated stream without complaint, so this is asked first.
 * @throws SurprisalError when the file is cut off or damaged
 */
export async function checkGzip(path: string, signal?: AbortSignal): Promise<void> {
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  try {
    await pipeline(createReadStream(path), createGunzip(), sink, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw explainGzipError(error, path);
  }
}

/** An error of zlib as one that names the file. */
export function explainGzipError(error: unknown, path: string): SurprisalError {
  const { code, message } = error as NodeJS.ErrnoException;
  const cut = code === "Z_BUF_ERROR" || /unexpected end/i.test(message);
  return new SurprisalError(
    cut
      ? `"${path}" is truncated: its gzip stream ends too early. Download or copy it again.`
      : `"${path}" is damaged gzip (${message}). Download or copy it again.`,
    { cause: error },
  );
}
