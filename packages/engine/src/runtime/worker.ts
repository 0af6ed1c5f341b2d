import { platform } from "#platform";
import { abandonGuard, closeGuard, closeGuardSync, createGuard, type Guard } from "./guard.js";
import type { PlatformWorker } from "./platform.js";

/** A worker thread as its owner sees it. */
export interface WorkerHandle {
  post(message: unknown, transfer?: readonly Transferable[]): void;
  /** Whether the process must stay alive for this worker. It need not at first. */
  keepAlive(keep: boolean): void;
  /** Ends the worker as soon as the call of ONNX Runtime it is in returns. */
  stop(): Promise<void>;
}

/** The first message to every worker. */
export interface GuardMessage {
  readonly type: "guard";
  readonly guard: Guard | undefined;
}

const live = new Set<Guard>();
let watchesExit = false;
/** The longest that the end of the process waits for a running call. */
const EXIT_TIMEOUT_MS = 10_000;

/**
 * Takes charge of a new worker. `onGone` is called once, however it ends, except after `stop()`.
 */
export function superviseWorker(
  worker: PlatformWorker,
  onMessage: (message: unknown) => void,
  onGone: (reason: Error) => void,
): WorkerHandle {
  const guard = createGuard();
  let isStopped = false;
  if (guard) live.add(guard);
  if (!watchesExit) {
    watchesExit = true;
    platform.beforeExit(() => {
      for (const each of live) closeGuardSync(each, EXIT_TIMEOUT_MS);
    });
  }
  platform.listen(worker, onMessage, (reason) => {
    if (guard) live.delete(guard);
    abandonGuard(guard);
    if (!isStopped) onGone(reason ?? new Error("the worker thread ended unexpectedly"));
    isStopped = true;
  });
  platform.keepAlive(worker, false);
  worker.postMessage({ type: "guard", guard } satisfies GuardMessage);
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    keepAlive: (keep) => platform.keepAlive(worker, keep),
    async stop() {
      isStopped = true;
      await closeGuard(guard);
      await worker.terminate();
      if (guard) live.delete(guard);
    },
  };
}
