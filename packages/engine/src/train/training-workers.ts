import { platform } from "#platform";
import { superviseWorker, type WorkerHandle } from "../runtime/worker.js";
import type { TurnProgress } from "./alternating-problem.js";
import type {
  AlternatingOutcome,
  AlternatingPlan,
  Answer,
  Outcome,
  Question,
  TrainingMessage,
  TrainingPlan,
} from "./plan.js";
import type { TrainingProgress } from "./problem.js";

/** A worker that has nothing to do ends after this long; until then the next training takes it. */
const IDLE_MS = 5_000;

const { Worker } = platform;

interface TrainingWorker {
  readonly handle: WorkerHandle;
  listener: { message(message: unknown): void; gone(reason: Error): void } | undefined;
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
      (message) => worker.listener?.message(message),
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

type OutcomeOf<Plan> = Plan extends TrainingPlan ? Outcome : AlternatingOutcome;
type ProgressOf<Plan> = Plan extends TrainingPlan ? TrainingProgress : TurnProgress;
type MessageOf<Plan> = TrainingMessage<ProgressOf<Plan>, OutcomeOf<Plan>>;

/**
 * Runs a plan in a worker. `onMessage` hears of progress; what it throws ends the training, and so
 * does the signal: the worker is then ended and the promise rejects. `answer` is asked before each
 * epoch of a plan that refreshes its data.
 */
export async function runPlan<Plan extends TrainingPlan | AlternatingPlan>(
  plan: Plan,
  onMessage: (message: MessageOf<Plan>) => void,
  signal: AbortSignal | undefined,
  answer?: (question: Question) => Promise<Answer>,
): Promise<OutcomeOf<Plan>> {
  const worker = idle[0] ?? startWorker();
  forget(worker);
  worker.handle.keepAlive(true);
  let abort: (() => void) | undefined;
  try {
    const outcome = await new Promise<OutcomeOf<Plan>>((resolve, reject) => {
      worker.listener = {
        message(said) {
          const message = said as MessageOf<Plan>;
          try {
            if (message.type === "done") resolve(message.outcome as OutcomeOf<Plan>);
            else if (message.type === "error") reject(new Error(message.message));
            else if (message.type === "question") {
              answer!(message).then(
                (found) => worker.handle.post({ type: "answer", ...found }),
                (error: unknown) => reject(error),
              );
            } else onMessage(message);
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
    });
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
