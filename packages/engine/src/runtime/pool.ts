import { platform } from "#platform";
import type { Replies, Reply, Request } from "./protocol.js";
import { superviseWorker, type WorkerHandle } from "./worker.js";

/**
 * A worker without open programs ends after this long. To start another takes a quarter of a second, which
 * a fit of half a minute in loops of this thread should not cost the scores after it.
 */
const IDLE_MS = 60_000;

interface PendingCall {
  readonly resolve: (value: Replies[keyof Replies]) => void;
  readonly reject: (error: Error) => void;
}

/** One worker of the pool. Its calls run one after another. */
export interface PoolWorker {
  readonly handle: WorkerHandle;
  readonly pending: Map<number, PendingCall>;
  /** Programs that are open, or being opened, in it. */
  programs: number;
  isGone: boolean;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

const { Worker } = platform;
const workers = new Set<PoolWorker>();
let calls = 0;

function settle(worker: PoolWorker, reply: Reply): void {
  const call = worker.pending.get(reply.id);
  worker.pending.delete(reply.id);
  if (worker.pending.size === 0) worker.handle.keepAlive(false);
  if ("error" in reply) call?.reject(new Error(reply.error));
  else call?.resolve(reply.value);
}

function startWorker(): PoolWorker {
  const worker: PoolWorker = {
    handle: superviseWorker(
      new Worker(new URL("./session-worker.js", import.meta.url), {
        type: "module",
        name: "surprisal-session",
      }),
      (message) => settle(worker, message as Reply),
      (reason) => {
        worker.isGone = true;
        workers.delete(worker);
        clearTimeout(worker.idleTimer);
        for (const call of worker.pending.values()) {
          call.reject(
            new Error(`the worker that runs the program was lost: ${reason.message}`, { cause: reason }),
          );
        }
        worker.pending.clear();
      },
    ),
    pending: new Map(),
    programs: 0,
    isGone: false,
    idleTimer: undefined,
  };
  workers.add(worker);
  return worker;
}

/**
 * A worker for one more program that uses `threads` threads: there are as many workers as such
 * programs fit on the cores, so that programs of few threads run side by side.
 */
export function acquireWorker(threads: number): PoolWorker {
  const limit = Math.max(1, Math.floor(platform.cores / threads));
  const quietest = [...workers].sort((a, b) => a.programs - b.programs)[0];
  const worker = quietest && (quietest.programs === 0 || workers.size >= limit) ? quietest : startWorker();
  worker.programs++;
  clearTimeout(worker.idleTimer);
  return worker;
}

/** Gives back what `acquireWorker` gave; the last one lets the worker end after a while. */
export function releaseWorker(worker: PoolWorker): void {
  worker.programs--;
  if (worker.programs > 0 || worker.isGone) return;
  worker.idleTimer = setTimeout(() => {
    workers.delete(worker);
    worker.isGone = true;
    void worker.handle.stop();
  }, IDLE_MS);
  // A page's timer is a number and keeps nothing alive.
  (worker.idleTimer as { unref?: () => void }).unref?.();
}

/** Sends a request and waits for its reply. Rejects when the worker fails at it or is lost. */
export function callWorker<R extends Request>(
  worker: PoolWorker,
  request: R,
  transfer: readonly Transferable[] = [],
): Promise<Replies[R["type"]]> {
  if (worker.isGone) return Promise.reject(new Error("the worker that runs the program was lost"));
  return new Promise((resolve, reject) => {
    const id = calls++;
    worker.pending.set(id, { resolve: resolve as PendingCall["resolve"], reject });
    worker.handle.keepAlive(true);
    try {
      worker.handle.post({ id, request }, transfer);
    } catch (error) {
      settle(worker, { id, error: (error as Error).message });
    }
  });
}
