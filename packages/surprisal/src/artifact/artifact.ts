import { type ModelHead, readModel, withMetadata } from "@surprisal/engine";
import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { METADATA_KEY, METADATA_VERSION, type Metadata, metadataSchema } from "./metadata.js";

/** The metadata as the entry that goes into the file's `metadata_props`. */
export function metadataEntry(metadata: Metadata): Record<string, string> {
  return { [METADATA_KEY]: JSON.stringify(metadata) };
}

/** The same file with other metadata. */
export function replaceMetadata(bytes: Uint8Array, metadata: Metadata): Uint8Array {
  return withMetadata(bytes, metadataEntry(metadata));
}

/**
 * What a detector's file says of itself. Throws a `SurprisalError` naming `what` when the bytes
 * are not an ONNX model, not a detector of ours, of a newer version, or inconsistent.
 */
export function readArtifact(
  bytes: Uint8Array,
  what: string,
): { readonly metadata: Metadata; readonly head: ModelHead } {
  let head: ModelHead;
  try {
    head = readModel(bytes);
  } catch (error) {
    throw new SurprisalError(`${what} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const text = head.metadata[METADATA_KEY];
  if (text === undefined) {
    const producer = head.producer ? ` (made by ${head.producer} ${head.producerVersion})`.trimEnd() : "";
    throw new SurprisalError(
      `${what} is an ONNX model${producer}, but not a Surprisal detector: it has no "${METADATA_KEY}" metadata; fit one with surprisal`,
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SurprisalError(`${what} has damaged metadata: ${(error as Error).message}`, { cause: error });
  }
  const version = (document as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > METADATA_VERSION) {
    throw new SurprisalError(
      `${what} was written by a newer version of surprisal (metadata ${version}, this one reads ${METADATA_VERSION}); update surprisal`,
    );
  }
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success) {
    throw new SurprisalError(`${what} has damaged metadata: ${z.prettifyError(parsed.error)}`);
  }
  const outputs = new Set(head.outputs.map((output) => output.name));
  const expected = ["score", "is_anomaly", ...parsed.data.outputs];
  if (parsed.data.calibration.rows > 0) expected.push("p_value");
  const missing = expected.find((name) => !outputs.has(name));
  if (missing !== undefined) {
    throw new SurprisalError(`${what} is damaged: its graph has no output "${missing}"`);
  }
  return { metadata: parsed.data, head };
}
