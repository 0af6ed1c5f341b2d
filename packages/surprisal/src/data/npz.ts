import { readFile } from "node:fs/promises";
import { unzipSync, type Zippable, zipSync } from "fflate";
import { SurprisalError } from "../errors.js";
import { writeFileAtomically } from "./atomic-file.js";
import type { NDArray } from "./ndarray.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { statOrExplain } from "./source.js";

/** The most that deflate can shrink; a larger claim is a lie about the size. */
const deflateRatio = 1032;

/**
 * Decodes an archive of NumPy arrays (.npz) held in memory.
 * @param only names of the arrays wanted (without `.npy`); default all
 * @throws SurprisalError naming the array when the archive or an array is damaged or not supported
 */
export function decodeNpz(
  bytes: Uint8Array,
  label = "The .npz archive",
  only?: readonly string[],
): ReadonlyMap<string, NDArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith(".npy")) return false;
        if (only !== undefined && !only.includes(name.slice(0, -4))) return false;
        if (size > bytes.length || originalSize > size * deflateRatio + 1024) {
          throw new SurprisalError(
            `${label}: "${name}" claims ${originalSize} bytes, which its ${size} cannot hold.`,
          );
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof SurprisalError) throw error;
    throw new SurprisalError(
      `${label} is not a whole .npz archive (${(error as Error).message}). Download or write it again.`,
      { cause: error },
    );
  }
  const arrays = new Map<string, NDArray>();
  for (const [file, content] of Object.entries(files)) {
    try {
      arrays.set(file.slice(0, -4), decodeNpy(content));
    } catch (error) {
      if (!(error instanceof SurprisalError)) throw error;
      throw new SurprisalError(
        `${label}: the array "${file.slice(0, -4)}" cannot be read: ${error.message}.`,
        {
          cause: error,
        },
      );
    }
  }
  if (arrays.size === 0 && only === undefined) throw new SurprisalError(`${label} holds no arrays (.npy).`);
  return arrays;
}

async function readWhole(path: string): Promise<Uint8Array> {
  const status = await statOrExplain(path);
  if (status.isDirectory()) throw new SurprisalError(`"${path}" is a folder, not a file of arrays.`);
  if (status.size > 2 ** 31 - 1) throw new SurprisalError(`"${path}" is larger than 2 GiB; split it.`);
  if (status.size === 0) throw new SurprisalError(`"${path}" is empty (0 bytes).`);
  return readFile(path);
}

/**
 * Reads all arrays (or those of `only`) of a NumPy archive (.npz) by name.
 * @throws SurprisalError for a missing, damaged or unsupported file
 */
export async function readNpz(path: string, only?: readonly string[]): Promise<ReadonlyMap<string, NDArray>> {
  return decodeNpz(await readWhole(path), `"${path}"`, only);
}

/**
 * Reads one NumPy array (.npy).
 * @throws SurprisalError for a missing, damaged or unsupported file
 */
export async function readNpy(path: string): Promise<NDArray> {
  const bytes = await readWhole(path);
  try {
    return decodeNpy(bytes);
  } catch (error) {
    if (!(error instanceof SurprisalError)) throw error;
    throw new SurprisalError(`"${path}" cannot be read: ${error.message}.`, { cause: error });
  }
}

/** Encodes arrays as a compressed NumPy archive; the same arrays give the same bytes. */
export function encodeNpz(arrays: Readonly<Record<string, NDArray>>): Uint8Array {
  const files: Zippable = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = encodeNpy(array);
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
}

/**
 * Writes arrays as a compressed NumPy archive, which `numpy.load` reads.
 * @throws SurprisalError when the file cannot be written; nothing is left behind then
 */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NDArray>>): Promise<void> {
  await writeFileAtomically(path, encodeNpz(arrays));
}
