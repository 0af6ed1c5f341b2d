import { platform } from "#platform";
import { superviseWorker, type WorkerHandle } from "../runtime/worker.js";
import type { TrainingMessage, TrainingPlan } from "./plan.js";

/** A worker that has nothing to do ends after this long; until then the next training takes it. */
const IDLE_MS = 5_000;

const { Worker } = platform;

interface TrainingWorker {
  readonly handle: WorkerHandle;
  listener: { message(message: TrainingMessage): void; gone(reason: Error): void } | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

const idle: TrainingWorker[] = [];

function forget(worker: TrainingWorker): void {
  clearTimeout(worker.idleTimer);
  const at = idle.indexOf(worker);
  if (at >= 0) idle.splice(at, 1);
}

function startWorker(): TrainingWorker {
  const worker: TrainingWorker = {
    handle: superviseWorker(
      new Worker(new URL("./training-worker.js", import.meta.url), {
        type: "module",
        name: "surprisal-training",
      }),
      (message) => worker.listener?.message(message as TrainingMessage),
      (reason) => {
        forget(worker);
        worker.listener?.gone(reason);
      },
    ),
    listener: undefined,
    idleTimer: undefined,
  };
  return worker;
}

function rest(worker: TrainingWorker): void {
  worker.listener = undefined;
  worker.handle.keepAlive(false);
  idle.push(worker);
  worker.idleTimer = setTimeout(() => {
    forget(worker);
    void worker.handle.stop();
  }, IDLE_MS);
  // A page's timer is a number and keeps nothing alive.
  (worker.idleTimer as { unref?: () => void }).unref?.();
}

/**
 * Runs a plan in a worker. `onMessage` hears of progress; what it throws ends the training, and so
 * does the signal: the worker is then ended and the promise rejects.
 */
export async function runPlan(
  plan: TrainingPlan,
  onMessage: (message: TrainingMessage) => void,
  signal: AbortSignal | undefined,
): Promise<Extract<TrainingMessage, { type: "done" }>["outcome"]> {
  const worker = idle[0] ?? startWorker();
  forget(worker);
  worker.handle.keepAlive(true);
  let abort: (() => void) | undefined;
  try {
    const outcome = await new Promise<Extract<TrainingMessage, { type: "done" }>["outcome"]>(
      (resolve, reject) => {
        worker.listener = {
          message(message) {
            try {
              if (message.type === "done") resolve(message.outcome);
              else if (message.type === "error") reject(new Error(message.message));
              else onMessage(message);
            } catch (error) {
              reject(error);
            }
          },
          gone: (reason) =>
            reject(new Error(`the training worker was lost: ${reason.message}`, { cause: reason })),
        };
        abort = () => reject(signal?.reason);
        signal?.addEventListener("abort", abort, { once: true });
        worker.handle.post(plan);
      },
    );
    rest(worker);
    return outcome;
  } catch (error) {
    worker.listener = undefined;
    await worker.handle.stop();
    throw error;
  } finally {
    if (abort) signal?.removeEventListener("abort", abort);
  }
}
