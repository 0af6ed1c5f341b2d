import type { TreeReplies, TreeReply, TreeRequest } from "./tree-protocol.js";

/** A thread with a k-d tree. One request at a time. */
export interface TreeWorker {
  ask<Type extends TreeRequest["type"]>(
    request: Extract<TreeRequest, { type: Type }>,
  ): Promise<TreeReplies[Type]>;
  stop(): Promise<void>;
}

interface Pending {
  resolve(value: TreeReplies[keyof TreeReplies]): void;
  reject(error: Error): void;
}

function settle(pending: Pending | undefined, reply: TreeReply): void {
  if ("error" in reply) pending?.reject(new Error(reply.error));
  else pending?.resolve(reply.value);
}

async function startInNode(): Promise<TreeWorker> {
  const { Worker } = await import("node:worker_threads");
  // Without the flags of this process: some, such as --input-type, do not fit a worker.
  const worker = new Worker(new URL("./tree-worker.js", import.meta.url), { execArgv: [] });
  let pending: Pending | undefined;
  worker.on("message", (reply: TreeReply) => settle(pending, reply));
  worker.on("error", (error: Error) => pending?.reject(error));
  worker.on("exit", () => pending?.reject(new Error("the thread that searches neighbours ended")));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        pending = { resolve: resolve as Pending["resolve"], reject };
        worker.postMessage(request);
      }),
    async stop() {
      pending = undefined;
      await worker.terminate();
    },
  };
}

/** The part of a browser's worker that is used. */
interface PageWorker {
  onmessage: ((event: { data: TreeReply }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  postMessage(request: TreeRequest): void;
  terminate(): void;
}

function startInPage(): TreeWorker {
  const { Worker } = globalThis as unknown as {
    Worker: new (url: URL, options: { type: "module" }) => PageWorker;
  };
  const worker = new Worker(new URL("./tree-worker.js", import.meta.url), { type: "module" });
  let pending: Pending | undefined;
  worker.onmessage = ({ data }) => settle(pending, data);
  worker.onerror = ({ message }) =>
    pending?.reject(new Error(message ?? "the thread that searches neighbours failed"));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        pending = { resolve: resolve as Pending["resolve"], reject };
        worker.postMessage(request);
      }),
    async stop() {
      worker.terminate();
    },
  };
}

export async function startTreeWorker(): Promise<TreeWorker> {
  return typeof process === "object" && process.versions?.node ? startInNode() : startInPage();
}

/** Threads worth starting. */
export async function threadCount(): Promise<number> {
  if (typeof process === "object" && process.versions?.node) {
    return (await import("node:os")).availableParallelism();
  }
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}
