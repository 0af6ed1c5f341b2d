import { emitModel, input, openSession, simplify, staticDim, symbol, type Tensor } from "@surprisal/engine";
import type { PreparedData } from "./types.js";

/** Elements of the largest intermediate value in one call: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

/**
 * What a graph gives for prepared rows, for what fitting has to know of a network: x [N, ...shape] to
 * [N, width], row-major. `elementsPerRow` are those of its largest intermediate value.
 */
export async function runOnRows(
  { data, shape, width: rowWidth }: Pick<PreparedData, "data" | "shape" | "width">,
  graph: (x: Tensor<"float32">) => Tensor<"float32">,
  { elementsPerRow, signal }: { readonly elementsPerRow: number; readonly signal?: AbortSignal | undefined },
): Promise<Float32Array> {
  const [rowCount = 0, ...row] = shape;
  const y = graph(input("x", [symbol("N"), ...row]));
  const width = staticDim(y.shape[1] ?? 1, "the result");
  const result = new Float32Array(rowCount * width);
  const batch = Math.max(1, Math.min(65_536, Math.floor(ELEMENTS_PER_CALL / elementsPerRow)));
  await using session = await openSession(emitModel({ outputs: { y: simplify([y])[0]! } }));
  for (let from = 0; from < rowCount; from += batch) {
    signal?.throwIfAborted();
    const to = Math.min(rowCount, from + batch);
    const part = await session.run({
      x: {
        dtype: "float32",
        shape: [to - from, ...row],
        data: (data as Float32Array).subarray(from * rowWidth, to * rowWidth),
      },
    });
    result.set(part.y!.data as Float32Array, from * width);
  }
  return result;
}
