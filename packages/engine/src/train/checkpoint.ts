import type { Snapshot, Vectors } from "./plan.js";

/**
 * The checkpoint file: eight bytes that name the format, the length of a JSON header, the header,
 * then the vectors in the header's order as little-endian float32.
 */
const MAGIC = "SPRTRN01";
const PREFIX = 12;

/** What must be equal for a checkpoint to fit a run, by a name to show. */
export type Fingerprint = Readonly<Record<string, unknown>>;

interface Header {
  readonly fingerprint: Fingerprint;
  readonly snapshot: Omit<Snapshot, "vectors" | "best"> & { readonly best?: { epoch: number; loss: number } };
  readonly vectors: readonly (readonly [name: string, length: number])[];
  readonly bestVectors: readonly (readonly [name: string, length: number])[];
}

/** JSON has no NaN and no infinities. */
const writeNumber = (_key: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? { $number: String(value) } : value;
const readNumber = (_key: string, value: unknown) =>
  typeof value === "object" && value !== null && "$number" in value ? Number(value.$number) : value;

const lengthsOf = (vectors: Vectors) =>
  Object.entries(vectors).map(([name, vector]) => [name, vector.length] as const);

const bytesOf = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);

/** The parts of a checkpoint file, in order. */
export function encodeCheckpoint(fingerprint: Fingerprint, snapshot: Snapshot): Uint8Array[] {
  const { vectors, best, ...rest } = snapshot;
  const bestVectors = best?.vectors ?? {};
  const header: Header = {
    fingerprint,
    snapshot: best ? { ...rest, best: { epoch: best.epoch, loss: best.loss } } : rest,
    vectors: lengthsOf(vectors),
    bestVectors: lengthsOf(bestVectors),
  };
  const text = new TextEncoder().encode(JSON.stringify(header, writeNumber));
  const prefix = new Uint8Array(PREFIX);
  prefix.set(new TextEncoder().encode(MAGIC));
  new DataView(prefix.buffer).setUint32(MAGIC.length, text.length, true);
  return [prefix, text, ...[...Object.values(vectors), ...Object.values(bestVectors)].map(bytesOf)];
}

/**
 * Reads a checkpoint. Throws an `Error` when the bytes are none or cut short, or when it belongs
 * to another problem or other options, naming the first difference.
 */
export function decodeCheckpoint(bytes: Uint8Array, fingerprint: Fingerprint, path: string): Snapshot {
  const fail = (why: string) => new Error(`cannot resume from ${path}: ${why}`);
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < PREFIX) throw fail("it is not a training checkpoint");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  const end = PREFIX + length;
  if (bytes.length < end) throw fail("it is cut short");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX, end)), readNumber) as Header;
  for (const [name, wanted] of Object.entries(fingerprint)) {
    const [was, is] = [header.fingerprint[name], wanted].map((value) => JSON.stringify(value, writeNumber));
    if (was !== is) throw fail(`its ${name} was ${was}, but is ${is} now`);
  }
  const all = [...header.vectors, ...header.bestVectors];
  const expected = all.reduce((sum, [, count]) => sum + 4 * count, end);
  if (bytes.length !== expected) throw fail(`it has ${bytes.length} bytes instead of ${expected}`);
  let at = end;
  const take = (names: Header["vectors"]): Vectors =>
    Object.fromEntries(
      names.map(([name, count]) => {
        const copy = bytes.slice(at, at + 4 * count);
        at += 4 * count;
        return [name, new Float32Array(copy.buffer)];
      }),
    );
  const vectors = take(header.vectors);
  const { best, ...rest } = header.snapshot;
  return { ...rest, vectors, ...(best ? { best: { ...best, vectors: take(header.bestVectors) } } : {}) };
}
