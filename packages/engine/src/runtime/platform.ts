import type { InferenceSession, Tensor } from "onnxruntime-node";

/** What differs between Node and a browser; `#platform` is `node.ts` or `browser.ts`. */
export interface Platform {
  /** For example `node 20.20.2 linux x64`. */
  readonly description: string;
  /** Processor cores this process may use. */
  readonly cores: number;
  /** Written `new Worker(new URL(..., import.meta.url), ...)` where it is used, bundlers find the worker's file. */
  readonly Worker: new (
    url: URL,
    options: { type: "module"; name: string },
  ) => PlatformWorker;
  /** Calls back with each message, and once when the worker is gone, with the reason where there is one. */
  listen(worker: PlatformWorker, message: (value: unknown) => void, gone: (reason?: Error) => void): void;
  /** Lets the process end although the worker lives, or not. */
  keepAlive(worker: PlatformWorker, keep: boolean): void;
  /** Runs a synchronous function before the process ends. */
  beforeExit(listener: () => void): void;
  /** The other end, inside a worker. */
  readonly parent: ParentSide;
  /** ONNX Runtime; loads the first time. */
  loadRuntime(): Promise<LoadedRuntime>;
  /** Reads a file. Throws where there are none. */
  readFile(path: string): Promise<Uint8Array>;
  /** Writes a file by way of a temporary one beside it, so that it is never half-written. */
  writeFile(path: string, parts: readonly Uint8Array[]): Promise<void>;
}

export interface PlatformWorker {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  terminate(): unknown;
}

interface ParentSide {
  post(message: unknown, transfer?: readonly Transferable[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

export type Backend = "onnxruntime-node" | "onnxruntime-web";

/** The parts of ONNX Runtime that both packages share. */
export interface LoadedRuntime {
  readonly backend: Backend;
  readonly version: string;
  /** Why the native library is not used, where it is not. */
  readonly fallbackReason?: string;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
  /** Whether a run writes its results into the tensors given for them; else they are in what it returns. */
  readonly fillsOutputs: boolean;
  /** Sets the threads of a session that is about to be made, where that is not a session option. */
  setThreads(threads: number): void;
}
