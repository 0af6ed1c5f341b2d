import { SurprisalError } from "../errors.js";

/**
 * Writes a file so that it is there whole or not at all: to a temporary file beside it, then
 * renamed. Throws a `SurprisalError` naming the path.
 */
export async function writeFileWhole(path: string, content: Uint8Array | string): Promise<void> {
  // Imported when needed, so that scoring also runs where there is no file system.
  const { open, rename, rm } = await import("node:fs/promises");
  const temporary = `${path}.${process.pid}.partial`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SurprisalError(`cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/** Reads a whole file. Throws a `SurprisalError` naming the path. */
export async function readFileWhole(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path);
  } catch (error) {
    throw new SurprisalError(`cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or folder",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
  };
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return reasons[code] ?? (error as Error).message;
}
