import type { HostTensor, Lanes, ModelHead } from "@surprisal/engine";
import type { InputSchema } from "../artifact/metadata.js";
import { toFeeds } from "./feeds.js";
import { similarRowsTogether } from "./row-order.js";
import type { SampleRows } from "./samples.js";

/** A program that scores rows. */
export interface RowsProgram {
  /** Being opened, perhaps. */
  readonly lanes: Promise<Lanes>;
  readonly input: InputSchema;
  /** Whether it walks trees, which score similar rows faster one after the other. */
  readonly walksTrees: boolean;
  /** Most rows in one call. */
  readonly batchSize: number;
}

export interface RunRowsOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of rows of each call that is done. */
  readonly onBatch?: (rows: number) => void;
  /** What a call that fails is to be reported as. */
  readonly asError?: (error: unknown) => unknown;
}

export function walksTrees({ operators }: ModelHead): boolean {
  return Object.hasOwn(operators["ai.onnx.ml"] ?? {}, "TreeEnsemble");
}

/** Puts the values of a batch at the places of its rows. */
function place(
  part: Float32Array,
  whole: Float32Array,
  width: number,
  from: number,
  order: Uint32Array | undefined,
): void {
  if (!order) {
    whole.set(part, from * width);
    return;
  }
  const rows = part.length / width;
  for (let i = 0, k = 0; i < rows; i++) {
    const to = order[from + i]! * width;
    for (let j = 0; j < width; j++) whole[to + j] = part[k++]!;
  }
}

/** Runs a program on all rows; the named outputs, whose first axis is the rows, in the order of the rows. */
export async function runRows(
  { lanes, input, walksTrees, batchSize }: RowsProgram,
  rows: SampleRows,
  outputs: readonly string[],
  { signal, onBatch, asError = (error) => error }: RunRowsOptions,
): Promise<Map<string, HostTensor<"float32">>> {
  const total = rows.rowCount;
  const order = walksTrees ? similarRowsTogether(rows) : undefined;
  const collected = new Map<string, HostTensor<"float32">>();
  const work: Parameters<Lanes["forEachBatch"]>[2] = async (session, from, to) => {
    let results: Record<string, HostTensor>;
    try {
      results = await session.run(toFeeds(rows, input, from, to, order), { handOver: true });
    } catch (error) {
      throw asError(error);
    }
    for (const name of outputs) {
      const { data, shape } = results[name] as HostTensor<"float32">;
      const rowShape = shape.slice(1);
      const width = rowShape.reduce((a, b) => a * b, 1);
      let whole = collected.get(name);
      if (!whole) {
        whole = { dtype: "float32", shape: [total, ...rowShape], data: new Float32Array(total * width) };
        collected.set(name, whole);
      }
      place(data, whole.data, width, from, order);
    }
    onBatch?.(to - from);
  };
  await (await lanes).forEachBatch(total, batchSize, work, signal);
  return collected;
}
