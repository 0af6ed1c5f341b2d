import { type FileHandle, open } from "node:fs/promises";
import { SurprisalError } from "../errors.js";

/** `length` bytes from `at`, fewer at the end of the file. */
async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Bytes of a frame's header after the magic number, from its first byte (RFC 8878, 3.1.1.1). */
function headerLength(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return 1 + (singleSegment ? 0 : 1) + dictionary + contentSize;
}

/** Where the frame that begins at `start` ends, or undefined when the file does not hold it whole. */
async function frameEnd(file: FileHandle, start: number, signal?: AbortSignal): Promise<number | undefined> {
  const head = await bytesAt(file, start, 8);
  if (head.length < 5) return undefined;
  const magic = head.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50)
    return head.length < 8 ? undefined : start + 8 + head.readUInt32LE(4);
  if (magic !== 0xfd2fb528) throw new SurprisalError("it does not begin as a zstd stream does");
  const descriptor = head[4]!;
  let at = start + 4 + headerLength(descriptor);
  for (let last = false; !last; ) {
    signal?.throwIfAborted();
    const block = await bytesAt(file, at, 3);
    if (block.length < 3) return undefined;
    const word = block.readUIntLE(0, 3);
    const type = (word >> 1) & 3;
    if (type === 3) throw new SurprisalError("a block is of no known type");
    last = (word & 1) === 1;
    // A block of one repeated byte stores that byte alone.
    at += 3 + (type === 1 ? 1 : word >> 3);
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4);
}

/**
 * Follows the blocks of a zstd file (RFC 8878) to its end without decompressing them. DuckDB returns
 * the rows of a truncated stream without complaint, so this is asked first.
 * @throws SurprisalError when the file is cut off or is not zstd
 */
export async function checkZstd(path: string, signal?: AbortSignal): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size; ) {
      const end = await frameEnd(file, at, signal);
      if (end === undefined || end > size) {
        throw new SurprisalError(
          `"${path}" is truncated: its zstd stream ends too early. Download or copy it again.`,
        );
      }
      at = end;
    }
  } catch (error) {
    if (!(error instanceof SurprisalError) || error.message.startsWith('"')) throw error;
    throw new SurprisalError(`"${path}" is damaged, or not zstd: ${error.message}.`, { cause: error });
  } finally {
    await file.close();
  }
}
