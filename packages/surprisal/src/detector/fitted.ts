import { type Lanes, openLanes, partOfModel, withInitializer } from "@surprisal/engine";
import { type Metadata, readArtifact, readFileWhole, replaceMetadata } from "../artifact/index.js";
import { select } from "../calibration/index.js";
import { SurprisalError } from "../errors.js";
import { floorFloat32 } from "../numeric/index.js";
import { fitThreshold, type ThresholdRule } from "../thresholds/index.js";
import { alignRows } from "./feeds.js";
import { scoresSideBySide } from "./member-program.js";
import { runRows, walksTrees } from "./run-rows.js";
import { readSamples } from "./samples.js";
import type { FittedDetector, Samples, ScoreOptions, Scores } from "./types.js";

/** A graph that does not run: the file's bytes are not those that were written. */
function damaged(what: string, error: unknown): SurprisalError {
  // ONNX Runtime begins with the place in its own source.
  const reason = (error as Error).message.split("\n")[0]!.replace(/^\/?onnxruntime_src\/\S+ (.*\) )?/, "");
  return new SurprisalError(`${what} is damaged, its graph does not run: ${reason}`, { cause: error });
}

/** Throws a `SurprisalError` naming an output that the file does not have. */
function refuseUnknownOutputs({ detector, outputs }: Metadata, wanted: readonly string[]): void {
  const unknown = wanted.find((name) => !outputs.includes(name));
  if (unknown === undefined) return;
  const known = outputs.length > 0 ? `it has ${outputs.join(", ")}` : "it has none";
  throw new SurprisalError(`the detector ${detector.name} has no further output "${unknown}"; ${known}`);
}

/** The outputs that scoring reads. */
function outputsRead({ calibration }: Metadata, wanted: readonly string[]): string[] {
  return ["score", ...(calibration.rows > 0 ? ["p_value"] : []), ...wanted];
}

/** The file, or what it takes of it to compute the outputs that are read. */
function programFor(
  bytes: Uint8Array,
  { metadata, head }: ReturnType<typeof readArtifact>,
  wanted: readonly string[],
): Uint8Array {
  if (metadata.outputs.every((name) => wanted.includes(name))) return bytes;
  const from = head.inputs.map(({ name }) => name).filter((name) => name !== "threshold");
  return partOfModel(bytes, { from, to: outputsRead(metadata, wanted) });
}

async function scoreAll(
  open: (rows: number) => Promise<Lanes>,
  what: string,
  { metadata, head }: ReturnType<typeof readArtifact>,
  samples: Samples,
  options: ScoreOptions,
): Promise<Scores> {
  const rows = alignRows(readSamples(samples), metadata.input, options.firstRow);
  const { batchSize = metadata.batchSize, signal, onProgress } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new SurprisalError(`batchSize is ${batchSize}; it must be a positive integer`);
  }
  const wanted = options.outputs ?? [];
  let done = 0;
  const lanes = open(rows.rowCount);
  const program = { lanes, input: metadata.input, walksTrees: walksTrees(head), batchSize };
  const all = await runRows(program, rows, outputsRead(metadata, wanted), {
    ...(signal && { signal }),
    asError: (error) => damaged(what, error),
    onBatch: (count) => {
      done += count;
      onProgress?.({ rows: done, total: rows.rowCount });
    },
  });
  const scores = all.get("score")?.data ?? new Float32Array(0);
  const limit = options.threshold ?? metadata.threshold.value;
  const isAnomaly = new Array<boolean>(scores.length);
  let nonFinite = -1;
  for (let i = scores.length - 1; i >= 0; i--) {
    const score = scores[i]!;
    isAnomaly[i] = score > limit;
    if (Number.isNaN(score)) nonFinite = i;
  }
  if (nonFinite >= 0) {
    throw new SurprisalError(
      `the score of row ${(options.firstRow ?? 0) + nonFinite} is not a number: its values are too far from the training rows for ${metadata.detector.name}`,
    );
  }
  const pValues =
    metadata.calibration.rows > 0 ? (all.get("p_value")?.data ?? new Float32Array(0)) : undefined;
  return {
    scores,
    pValues,
    isAnomaly,
    outputs: Object.fromEntries(wanted.flatMap((name) => (all.get(name) ? [[name, all.get(name)!]] : []))),
    select: (selectOptions) => {
      if (!pValues) {
        throw new SurprisalError(
          `${what} has no p-values to select by: it was fitted with calibration: 0; fit it with calibration rows`,
        );
      }
      return select(pValues, selectOptions);
    },
  };
}

/** A fitted detector from the bytes of its file. `what` names the file in messages. */
export function fittedFromBytes(bytes: Uint8Array, what: string): FittedDetector {
  const artifact = readArtifact(bytes, what);
  const { metadata } = artifact;
  const threshold = metadata.threshold.value;
  /** Open programs by the further outputs that they compute. */
  const programs = new Map<string, Promise<Lanes>>();

  const open = async (wanted: readonly string[], rows: number): Promise<Lanes> => {
    try {
      const program = programFor(bytes, artifact, wanted);
      return await openLanes(program, { sideBySide: scoresSideBySide(program, artifact.head), rows });
    } catch (error) {
      throw damaged(what, error);
    }
  };

  const replaced = (next: Metadata, model: Uint8Array = bytes) =>
    fittedFromBytes(replaceMetadata(model, next), what);

  return {
    name: metadata.detector.name,
    metadata,
    threshold,
    bytes,
    async score(samples, options = {}) {
      options.signal?.throwIfAborted();
      const wanted = [...new Set(options.outputs)];
      refuseUnknownOutputs(metadata, wanted);
      const key = wanted.sort().join();
      const lanesFor = (rows: number) => {
        const lanes = programs.get(key) ?? open(wanted, rows);
        programs.set(key, lanes);
        return lanes;
      };
      return scoreAll(lanesFor, what, artifact, samples, options);
    },
    withThreshold(wanted, reference) {
      const rule: ThresholdRule = typeof wanted === "number" ? { rule: "value", value: wanted } : wanted;
      const { scores, labels } = reference ?? {};
      const fitted = fitThreshold(rule, {
        ...(scores && { training: scores, calibration: normalsOf(scores, labels) }),
        ...(scores && labels && { validation: { scores, labels: Array.from(labels, Number) } }),
      });
      const value = floorFloat32(fitted.threshold);
      const model = withInitializer(bytes, "threshold", {
        dtype: "float32",
        shape: [],
        data: Float32Array.of(value),
      });
      return replaced({ ...metadata, threshold: { value, rule: { ...fitted.rule } } }, model);
    },
    withMetrics: (metrics) => replaced({ ...metadata, metrics: { ...metadata.metrics, ...metrics } }),
    async save(path) {
      // Imported when needed, so that scoring also runs where there is no file system.
      const { writeFileAtomically } = await import("../data/atomic-file.js");
      await writeFileAtomically(path, bytes);
    },
    async close() {
      const opened = [...programs.values()];
      programs.clear();
      for (const one of await Promise.allSettled(opened)) {
        if (one.status === "fulfilled") await one.value.close();
      }
    },
  };
}

function normalsOf(scores: ArrayLike<number>, labels: ArrayLike<number | boolean> | undefined): number[] {
  return Array.from(scores).filter((_, i) => !labels?.[i]);
}

/**
 * Reads a detector that `save` wrote, from a path or from its bytes.
 * @throws SurprisalError when it cannot be read, is not an ONNX model, or not a detector of ours.
 */
export async function load(source: string | Uint8Array): Promise<FittedDetector> {
  if (typeof source !== "string") return fittedFromBytes(source, "the model");
  return fittedFromBytes(await readFileWhole(source), source);
}
