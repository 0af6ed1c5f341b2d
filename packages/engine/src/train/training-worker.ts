import { platform } from "#platform";
import { type Guard, insideGuard } from "../runtime/guard.js";
import type { GuardMessage } from "../runtime/worker.js";
import { runAlternating } from "./alternating-loop.js";
import type { AlternatingPlan, Answer, Question, TrainingPlan } from "./plan.js";
import { runTraining } from "./training-loop.js";

/** The worker of training: runs one plan after another. */
let guard: Guard | undefined;

/** Takes the answer that training waits for. */
let takeAnswer: ((answer: Answer) => void) | undefined;

function post(message: object): void {
  platform.parent.post(message);
}

function ask(question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    takeAnswer = resolve;
    post({ type: "question", ...question });
  });
}

async function train(plan: TrainingPlan | AlternatingPlan): Promise<void> {
  const inside = <T>(task: () => Promise<T>) => insideGuard(guard, task);
  try {
    const runtime = await inside(() => platform.loadRuntime());
    const ports = { runtime, inside, post, ask };
    const outcome = "phases" in plan ? await runAlternating(plan, ports) : await runTraining(plan, ports);
    post({ type: "done", outcome });
  } catch (error) {
    post({ type: "error", message: error instanceof Error ? error.message : String(error) });
  }
}

platform.parent.onMessage((message) => {
  if ((message as GuardMessage).type === "guard") guard = (message as GuardMessage).guard;
  else if ((message as { type?: string }).type === "answer") takeAnswer?.(message as Answer);
  else void train(message as TrainingPlan | AlternatingPlan);
});
