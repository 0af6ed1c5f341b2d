import * as ort from "onnxruntime-node";
import { emitModel } from "../emit/emit-model.js";
import type { Target } from "../emit/rule.js";
import { separateDefaults } from "../onnx/defaults.js";
import { type DType, type HostArray, type HostTensor, isFloat } from "../tensor/dtype.js";
import { isTensor, type Tensor } from "../tensor/tensor.js";

/** Values fed by input name. */
export type Feeds = Readonly<Record<string, HostTensor>>;

/**
 * Runs the bytes of a model in this process and returns its outputs by name. Inputs left out take
 * their defaults. `runtime` is onnxruntime-node unless told otherwise.
 */
export async function runModel(
  bytes: Uint8Array,
  feeds: Feeds = {},
  runtime: Pick<typeof ort, "InferenceSession" | "Tensor"> = ort,
): Promise<Record<string, HostTensor>> {
  const program = separateDefaults(bytes);
  const session = await runtime.InferenceSession.create(program.bytes, {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const inputs = Object.fromEntries(
    [...program.defaults, ...Object.entries(feeds)].map(([name, { dtype, data, shape }]) => [
      name,
      new runtime.Tensor(dtype as "float32", data as Float32Array, shape),
    ]),
  );
  const results = await session.run(inputs);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, data, dims }]) => [
      name,
      { dtype: type as DType, shape: dims, data: data as HostArray },
    ]),
  );
}

/**
 * The value of one expression, or of several by name: emitted and run at once with
 * onnxruntime-node. For tests.
 */
export function evaluate<D extends DType>(
  output: Tensor<D>,
  feeds?: Feeds,
  target?: Target,
): Promise<HostTensor<D>>;
export function evaluate<T extends Readonly<Record<string, Tensor>>>(
  outputs: T,
  feeds?: Feeds,
  target?: Target,
): Promise<{ [K in keyof T]: T[K] extends Tensor<infer D> ? HostTensor<D> : never }>;
export async function evaluate(
  output: Tensor | Readonly<Record<string, Tensor>>,
  feeds: Feeds = {},
  target?: Target,
): Promise<unknown> {
  const outputs = isTensor(output) ? { output } : output;
  const results = await runModel(emitModel({ outputs, ...(target ? { target } : {}) }), feeds);
  return isTensor(output) ? results.output : results;
}

/** Values of a tensor as plain numbers. */
export function numbersOf(tensor: HostTensor): number[] {
  return isFloat(tensor.dtype) ? [...(tensor.data as Float32Array)] : Array.from(tensor.data, Number);
}
