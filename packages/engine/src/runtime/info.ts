import { platform } from "#platform";
import type { Backend } from "./platform.js";
import { acquireWorker, callWorker, releaseWorker } from "./pool.js";

export interface RuntimeInfo {
  /** The package that runs programs: the native one, or WebAssembly where it does not load. */
  readonly backend: Backend;
  readonly version: string;
  /** Why the native library is not used, where it is not. */
  readonly fallbackReason?: string;
  /** Threads that a call uses by default. */
  readonly threads: number;
  /** The platform in words, such as `node 20.20.2 linux x64`. */
  readonly platform: string;
}

/** What programs run on here. */
export async function runtimeInfo(): Promise<RuntimeInfo> {
  const worker = acquireWorker(platform.cores);
  try {
    const loaded = await callWorker(worker, { type: "info" });
    return { ...loaded, threads: platform.cores, platform: platform.description };
  } finally {
    releaseWorker(worker);
  }
}
