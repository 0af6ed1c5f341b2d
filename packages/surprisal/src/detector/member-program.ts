import { emitModel, type ModelHead, openLanes, readModel, simplify, type Tensor } from "@surprisal/engine";
import { inputNames, rawInputs } from "../preprocess/index.js";
import type { Member } from "./member.js";
import { runRows, walksTrees } from "./run-rows.js";
import type { SampleRows } from "./samples.js";

/** Elements of the largest intermediate value in one call of a scoring program: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

/** A member's graph on inputs of its own. */
export interface MemberProgram {
  readonly inputs: readonly string[];
  readonly score: Tensor<"float32">;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Rows to score in one call. */
  readonly batchSize: number;
}

export function memberProgram(member: Member): MemberProgram {
  const { score, outputs, elementsPerRow } = member.graph(rawInputs(member.input));
  const rows = Math.floor(ELEMENTS_PER_CALL / elementsPerRow);
  return {
    inputs: inputNames(member.input),
    score,
    outputs,
    batchSize: Math.max(1, Math.min(65_536, rows)),
  };
}

/** A larger program is opened once only, for all threads. */
const LARGEST_LANE = 1 << 25;

/**
 * Whether a program scores batches side by side, each on one thread: loops and chains of small steps
 * hardly use more. A convolution does.
 */
export function scoresSideBySide(model: Uint8Array, { operators }: ModelHead): boolean {
  const known = operators["ai.onnx"] ?? {};
  if (Object.hasOwn(known, "Loop")) return true;
  return (
    model.length <= LARGEST_LANE && !Object.hasOwn(known, "Conv") && !Object.hasOwn(known, "ConvTranspose")
  );
}

/**
 * The function from rows to their scores, through ONNX Runtime; it opens a session a call. Where the
 * score is a matrix [N, width], the scores of a row follow each other.
 */
export function memberScorer(
  member: Member,
  { score, inputs, batchSize }: MemberProgram = memberProgram(member),
): (rows: SampleRows, signal?: AbortSignal) => Promise<Float32Array> {
  const emit = () => {
    const model = emitModel({ outputs: { score: simplify([score])[0]! }, inputs });
    return { model, head: readModel(model) };
  };
  let emitted: ReturnType<typeof emit> | undefined;
  return async (rows, signal) => {
    if (rows.rowCount === 0) return new Float32Array(0);
    emitted ??= emit();
    const { model, head } = emitted;
    const sideBySide = scoresSideBySide(model, head);
    await using lanes = await openLanes(model, { sideBySide, rows: rows.rowCount });
    const program = {
      lanes: Promise.resolve(lanes),
      input: member.input,
      walksTrees: walksTrees(head),
      batchSize,
    };
    const found = await runRows(program, rows, ["score"], { ...(signal && { signal }) });
    return found.get("score")?.data ?? new Float32Array(0);
  };
}
