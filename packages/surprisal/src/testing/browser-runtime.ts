import * as ort from "onnxruntime-web";

/** Every output of a table detector's file as onnxruntime-web's WebAssembly computes it. */
export async function scoreInBrowserRuntime(
  model: Uint8Array,
  rows: readonly (readonly number[])[],
): Promise<Record<string, Float32Array | Uint8Array>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["wasm"],
    logSeverityLevel: 3,
  });
  const data = Float64Array.from(rows.flat());
  const results = await session.run({ X: new ort.Tensor("float64", data, [rows.length, rows[0]!.length]) });
  const outputs = Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]);
  await session.release();
  return Object.fromEntries(outputs);
}
