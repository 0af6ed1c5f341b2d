import { emitModel, input, openSession, simplify, symbol, type Tensor } from "@surprisal/engine";
import type { PreparedData } from "../detector/index.js";

type Float = Tensor<"float32">;

/** Elements of the largest intermediate value in one call: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

/**
 * The values of an expression for prepared float32 rows, in batches.
 * @param expression value [N, width] of rows x [N, ...row]
 * @param elementsPerRow elements of the largest intermediate value for one row
 */
export async function evaluateRows(
  expression: (x: Float) => Float,
  { data, shape, width }: Pick<PreparedData, "data" | "shape" | "width">,
  elementsPerRow: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const [count = 0, ...row] = shape;
  const y = expression(input("x", [symbol("N"), ...row]));
  const columns = y.shape[1] as number;
  const values = new Float32Array(count * columns);
  const batch = Math.max(1, Math.min(4096, Math.floor(ELEMENTS_PER_CALL / elementsPerRow)));
  await using session = await openSession(emitModel({ outputs: { y: simplify([y])[0]! } }));
  for (let from = 0; from < count; from += batch) {
    signal?.throwIfAborted();
    const to = Math.min(count, from + batch);
    const part = (data as Float32Array).subarray(from * width, to * width);
    const result = await session.run({ x: { dtype: "float32", shape: [to - from, ...row], data: part } });
    values.set(result.y!.data as Float32Array, from * columns);
  }
  return values;
}
