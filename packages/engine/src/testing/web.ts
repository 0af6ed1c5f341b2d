import type * as ort from "onnxruntime-node";
import * as web from "onnxruntime-web";

web.env.wasm.numThreads = 1;
web.env.logLevel = "error";

/** onnxruntime-web's WebAssembly backend, for `runModel`: what a browser computes. */
export const webRuntime = web as unknown as Pick<typeof ort, "InferenceSession" | "Tensor">;
