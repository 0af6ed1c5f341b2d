import type { LoadedRuntime, Platform, PlatformWorker } from "./platform.js";

/** The global scope of a dedicated worker, which the DOM's types do not describe. */
interface WorkerScope {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const asWorker = (worker: PlatformWorker) => worker as unknown as Worker;
const scope = globalThis as unknown as WorkerScope;

function noFiles(path: string): never {
  throw new Error(`cannot use the file ${path}: a browser has no file system`);
}

export const platform: Platform = {
  description: `browser ${globalThis.navigator?.userAgent ?? ""}`.trim(),
  // WebAssembly threads need shared memory, which a page has only when it is cross-origin isolated.
  cores: globalThis.crossOriginIsolated ? (globalThis.navigator?.hardwareConcurrency ?? 1) : 1,
  Worker: globalThis.Worker as unknown as Platform["Worker"],
  listen(worker, message, gone) {
    asWorker(worker).addEventListener("message", (event) => message(event.data));
    asWorker(worker).addEventListener("error", (event) => {
      asWorker(worker).terminate();
      gone(new Error(event.message || "the worker did not load"));
    });
  },
  keepAlive() {},
  beforeExit() {},
  parent: {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    onMessage: (listener) => scope.addEventListener("message", (event) => listener(event.data)),
  },
  async loadRuntime() {
    const web = await import("onnxruntime-web/wasm");
    return {
      backend: "onnxruntime-web",
      fillsOutputs: false,
      version: web.env.versions.web ?? web.env.versions.common,
      InferenceSession: web.InferenceSession as unknown as LoadedRuntime["InferenceSession"],
      Tensor: web.Tensor as unknown as LoadedRuntime["Tensor"],
      setThreads(threads) {
        web.env.wasm.numThreads = threads;
      },
    };
  },
  readFile: async (path) => noFiles(path),
  writeFile: async (path) => noFiles(path),
};
