import { platform } from "#platform";
import { type Guard, insideGuard } from "../runtime/guard.js";
import type { GuardMessage } from "../runtime/worker.js";
import type { TrainingMessage, TrainingPlan } from "./plan.js";
import { runTraining } from "./training-loop.js";

/** The worker of `train`: runs one plan after another. */
let guard: Guard | undefined;

function post(message: TrainingMessage): void {
  platform.parent.post(message);
}

async function train(plan: TrainingPlan): Promise<void> {
  const inside = <T>(task: () => Promise<T>) => insideGuard(guard, task);
  try {
    const runtime = await inside(() => platform.loadRuntime());
    post({ type: "done", outcome: await runTraining(plan, { runtime, inside, post }) });
  } catch (error) {
    post({ type: "error", message: error instanceof Error ? error.message : String(error) });
  }
}

platform.parent.onMessage((message) => {
  if ((message as GuardMessage).type === "guard") guard = (message as GuardMessage).guard;
  else void train(message as TrainingPlan);
});
