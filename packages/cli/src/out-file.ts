import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "./faults.js";

/**
 * Fails before the long work where its result could not be written after it.
 * @param flag the option that named the file
 * @throws UsageError when the folder is not there or the path is a folder
 */
export async function refuseUnwritable(flag: string, path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (folder === undefined || !folder.isDirectory()) {
    throw new UsageError(`${flag}: there is no folder "${dirname(path)}"`, "Make the folder first.");
  }
  const target = await stat(path).catch(() => undefined);
  if (target?.isDirectory()) {
    throw new UsageError(`${flag}: "${path}" is a folder`, "Give the path of a file.");
  }
}
