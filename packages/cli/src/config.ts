import { readFile } from "node:fs/promises";
import { didYouMean, suggestion } from "surprisal";
import { UsageError } from "./faults.js";

/**
 * The options of a configuration file: a JSON object whose keys are the names of the options in
 * camel case.
 * @throws UsageError when the file cannot be read or is not a JSON object
 */
export async function readConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `the configuration file "${path}" ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the configuration file "${path}" is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(
      `the configuration file "${path}" must hold one JSON object, for instance {"detector": "vae", "out": "model.onnx"}`,
    );
  }
  return value as Record<string, unknown>;
}

/** @throws UsageError naming the first key that the command does not have, with the nearest that it has */
export function refuseUnknownKeys(
  config: Readonly<Record<string, unknown>>,
  path: string,
  known: readonly string[],
): void {
  const unknown = Object.keys(config).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const near = didYouMean(unknown, known);
  throw new UsageError(
    `the configuration file "${path}" has the unknown key "${unknown}"`,
    near === undefined ? suggestion(unknown, known, "keys").trim() : `Did you mean "${near}"?`,
  );
}
