import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SurprisalError } from "../errors.js";

/** A hidden name beside the target, so that the rename stays within one file system. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);

/** An error of the file system while writing as one that names the file and says what to do. */
export function explainWriteError(error: unknown, path: string): unknown {
  if (error instanceof SurprisalError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const text = `${code} ${error.message}`;
  const say = (reason: string): SurprisalError =>
    new SurprisalError(`Cannot write "${path}": ${reason} Nothing was written.`, { cause: error });
  if (/ENOSPC|EDQUOT|EFBIG|no space left/i.test(text))
    return say("the disk is full. Free some space or write elsewhere.");
  if (/EACCES|EPERM|EROFS|permission denied/i.test(text)) return say("no permission to write there.");
  if (code === "ENOENT" || /no such file or directory/i.test(error.message))
    return say(`there is no folder "${dirname(path)}". Make it first.`);
  if (code === "ENOTDIR") return say(`"${dirname(path)}" is not a folder.`);
  if (code === "EISDIR") return say("it is a folder.");
  if (code === "ENAMETOOLONG") return say("the name is too long.");
  if (/^IO Error/.test(error.message)) return say(`${error.message.split("\n")[0]}.`);
  return code === "" ? error : say(`${error.message}.`);
}

/** A file being written under a temporary name. */
export interface AtomicFile {
  readonly handle: FileHandle;
  /** Puts the file in its place, over an older one. */
  readonly commit: () => Promise<void>;
  /** Removes what was written; the target stays as it was. */
  readonly discard: () => Promise<void>;
}

/**
 * Opens a temporary file beside `path`, to be moved there when complete.
 * @throws SurprisalError when the folder is missing or not writable
 */
export async function openAtomically(path: string): Promise<AtomicFile> {
  const temporary = temporaryBeside(path);
  let handle: FileHandle;
  try {
    handle = await open(temporary, "wx");
  } catch (error) {
    throw explainWriteError(error, path);
  }
  const discard = async (): Promise<void> => {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
  };
  return {
    handle,
    commit: async () => {
      try {
        await handle.sync();
        await handle.close();
        await rename(temporary, path);
      } catch (error) {
        await discard();
        throw explainWriteError(error, path);
      }
    },
    discard,
  };
}

/**
 * Writes a whole file: under a temporary name beside it first, then moved into place.
 * @throws SurprisalError when it cannot be written; an older file stays as it was
 */
export async function writeFileAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const file = await openAtomically(path);
  try {
    await file.handle.writeFile(content);
  } catch (error) {
    await file.discard();
    throw explainWriteError(error, path);
  }
  await file.commit();
}
