import { open, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type Transferable as NodeTransferable, parentPort, Worker } from "node:worker_threads";
import type { LoadedRuntime, Platform, PlatformWorker } from "./platform.js";

/** Set to `web` to use the WebAssembly build although the native library is there. */
const RUNTIME_VARIABLE = "SURPRISAL_RUNTIME";

const asWorker = (worker: PlatformWorker) => worker as unknown as Worker;

async function loadWeb(fallbackReason: string): Promise<LoadedRuntime> {
  const web = await import("onnxruntime-web");
  return {
    backend: "onnxruntime-web",
    version: web.env.versions.web ?? web.env.versions.common,
    fallbackReason,
    fillsOutputs: false,
    InferenceSession: web.InferenceSession as unknown as LoadedRuntime["InferenceSession"],
    Tensor: web.Tensor as unknown as LoadedRuntime["Tensor"],
    setThreads(threads) {
      web.env.wasm.numThreads = threads;
    },
  };
}

async function loadRuntime(): Promise<LoadedRuntime> {
  if (process.env[RUNTIME_VARIABLE] === "web") return loadWeb(`${RUNTIME_VARIABLE} is "web"`);
  try {
    const native = await import("onnxruntime-node");
    return {
      backend: "onnxruntime-node",
      fillsOutputs: true,
      version: native.env.versions.node ?? native.env.versions.common,
      InferenceSession: native.InferenceSession,
      Tensor: native.Tensor,
      setThreads() {},
    };
  } catch (error) {
    // No native library for this system: macOS on x64 and Linux with musl are not shipped.
    return loadWeb(`the native library does not load: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** A worker without the flags of this process: some, such as `--input-type`, do not fit a worker. */
class WorkerThread extends Worker {
  constructor(url: URL, options: { name: string }) {
    super(url, { name: options.name, execArgv: [] });
  }
}

let temporaryFiles = 0;

export const platform: Platform = {
  description: `node ${process.versions.node} ${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  Worker: WorkerThread as unknown as Platform["Worker"],
  listen(worker, message, gone) {
    let reason: Error | undefined;
    asWorker(worker).on("message", message);
    asWorker(worker).on("error", (error: Error) => {
      reason = error;
    });
    asWorker(worker).on("exit", () => gone(reason));
  },
  keepAlive(worker, keep) {
    if (keep) asWorker(worker).ref();
    else asWorker(worker).unref();
  },
  beforeExit(listener) {
    process.on("exit", listener);
  },
  parent: {
    post: (message, transfer = []) =>
      parentPort?.postMessage(message, transfer as readonly NodeTransferable[]),
    onMessage: (listener) => parentPort?.on("message", listener),
  },
  loadRuntime,
  async readFile(path) {
    // A plain array: a Buffer's slice would not copy.
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  },
  async writeFile(path, parts) {
    const temporary = `${path}.${process.pid}-${temporaryFiles++}.tmp`;
    try {
      const file = await open(temporary, "w");
      try {
        for (const part of parts) await file.writeFile(part);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  },
};
