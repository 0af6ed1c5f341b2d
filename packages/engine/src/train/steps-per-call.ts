/**
 * How many steps go into one call. Short steps gain from several, which share the fixed cost of a
 * call and the copy of the state that onnxruntime-node makes of what it returns. How much depends
 * on the machine, so it is measured: single steps first, then, if they are short, calls of several
 * steps, and the faster way is kept. The results are the same either way.
 */
export interface StepsPerCall {
  /** Steps the next call shall take. */
  next(): number;
  /** Tells how long a call took. */
  record(steps: number, milliseconds: number): void;
}

/** Steps longer than this gain nothing. */
const SHORT_STEP_MS = 20;
/** Length of a call to aim at: short enough to stop or report within. */
const CALL_MS = 100;
const MOST_STEPS = 32;
const SINGLE_TRIALS = 12;
const LOOP_TRIALS = 6;

export function chooseStepsPerCall(option: number | "measured"): StepsPerCall {
  if (option !== "measured") return { next: () => option, record() {} };
  let steps = 1;
  let trials = 0;
  let isSettled = false;
  /** Least time of one step, singly and together: the least is what other programs do not disturb. */
  const best = { single: Number.POSITIVE_INFINITY, together: Number.POSITIVE_INFINITY };
  return {
    next: () => steps,
    record(taken, milliseconds) {
      if (isSettled || steps > 1 !== taken > 1) return;
      const way = taken > 1 ? "together" : "single";
      best[way] = Math.min(best[way], milliseconds / taken);
      trials++;
      if (way === "single" && trials >= SINGLE_TRIALS) {
        trials = 0;
        isSettled = best.single > SHORT_STEP_MS;
        if (!isSettled) steps = Math.min(MOST_STEPS, Math.max(2, Math.ceil(CALL_MS / best.single)));
      } else if (way === "together" && trials >= LOOP_TRIALS) {
        isSettled = true;
        if (best.together > best.single) steps = 1;
      }
    },
  };
}
