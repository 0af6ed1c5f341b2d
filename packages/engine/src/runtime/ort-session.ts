import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { DType, HostTensor } from "../tensor/index.js";
import type { LoadedRuntime } from "./platform.js";
import type { GraphOptimization } from "./protocol.js";

/** Nothing but fatal errors on stderr: other errors come back as exceptions, and warnings concern choices made on purpose. */
const LOG_FATAL = 4;

/** Opens a session with the options that suit this engine. Call it inside a worker: it blocks. */
export function createOrtSession(
  runtime: LoadedRuntime,
  bytes: Uint8Array,
  options: { threads: number; graphOptimization: GraphOptimization },
): Promise<InferenceSession> {
  runtime.setThreads(options.threads);
  return runtime.InferenceSession.create(bytes, {
    executionProviders: [runtime.backend === "onnxruntime-node" ? "cpu" : "wasm"],
    executionMode: "sequential",
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: options.graphOptimization,
    logSeverityLevel: LOG_FATAL,
    // Threads that wait by spinning take the cores from whoever else has work: on a busy machine a
    // call then takes several times as long.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
}

export function toOrtTensor(runtime: LoadedRuntime, { dtype, data, shape }: HostTensor): Tensor {
  const Constructor = runtime.Tensor as unknown as new (
    type: string,
    data: unknown,
    dims: readonly number[],
  ) => Tensor;
  return new Constructor(dtype, data, shape);
}

export function fromOrtTensor(tensor: Tensor): HostTensor {
  return {
    dtype: tensor.type as DType,
    data: tensor.data as HostTensor["data"],
    shape: tensor.dims,
  };
}
