import { emitModel, input, openSession, simplify, staticDim, symbol, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

/** Elements of the largest intermediate value in one call: 16 MB. */
const ELEMENTS_PER_CALL = 1 << 22;

export interface EvaluateOptions {
  /** Elements of the largest intermediate value for one row: sets how many rows one call takes. */
  readonly elementsPerRow: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The values [N, width] of an expression of rows x [N, ...row] for prepared float32 rows, row-major: what
 * fitting has to know of a network. Throws the signal's reason when aborted.
 */
export async function evaluateRows(
  expression: (x: Float) => Float,
  { data, shape }: { readonly data: Float32Array | Float64Array; readonly shape: readonly number[] },
  { elementsPerRow, signal }: EvaluateOptions,
): Promise<Float32Array> {
  const [count = 0, ...row] = shape;
  const size = row.reduce((a, b) => a * b, 1);
  const y = expression(input("x", [symbol("N"), ...row]));
  const width = staticDim(y.shape[1] ?? 1, "the result");
  const values = new Float32Array(count * width);
  const batch = Math.max(1, Math.min(4096, Math.floor(ELEMENTS_PER_CALL / elementsPerRow)));
  await using session = await openSession(emitModel({ outputs: { y: simplify([y])[0]! } }));
  for (let from = 0; from < count; from += batch) {
    signal?.throwIfAborted();
    const to = Math.min(count, from + batch);
    const part = (data as Float32Array).subarray(from * size, to * size);
    const result = await session.run({ x: { dtype: "float32", shape: [to - from, ...row], data: part } });
    values.set(result.y!.data as Float32Array, from * width);
  }
  return values;
}
