import { emitModel, openSession, simplify, staticDim, type Tensor } from "@surprisal/engine";
import { inputNames, rawInputs } from "../preprocess/index.js";
import { toFeeds } from "./feeds.js";
import type { Member } from "./member.js";
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

/**
 * The function from rows to their scores, through ONNX Runtime; it opens a session a call. Where the
 * score is a matrix [N, width], the scores of a row follow each other.
 */
export function memberScorer(
  member: Member,
  { score, inputs, batchSize }: MemberProgram = memberProgram(member),
): (rows: SampleRows, signal?: AbortSignal) => Promise<Float32Array> {
  const model = emitModel({ outputs: { score: simplify([score])[0]! }, inputs });
  return async (rows, signal) => {
    const session = await openSession(model);
    try {
      const width = staticDim(score.shape[1] ?? 1, "the score");
      const scores = new Float32Array(rows.rowCount * width);
      for (let from = 0; from < rows.rowCount; from += batchSize) {
        signal?.throwIfAborted();
        const to = Math.min(rows.rowCount, from + batchSize);
        const part = await session.run(toFeeds(rows, member.input, from, to));
        scores.set(part.score!.data as Float32Array, from * width);
      }
      return scores;
    } finally {
      await session.close();
    }
  };
}
