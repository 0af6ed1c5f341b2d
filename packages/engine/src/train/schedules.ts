/**
 * A number, or its value at each step: `step` counts from 0, `total` is the number of steps of the
 * whole run.
 */
export type Schedule = number | ((step: number, total: number) => number);

/** The value of a schedule at one step. */
export function scheduleAt(schedule: Schedule, step: number, total: number): number {
  return typeof schedule === "number" ? schedule : schedule(step, total);
}

/** The same value at every step. */
export function constantSchedule(value: number): Schedule {
  return value;
}

/**
 * Half a cosine from `start` to `end` over `steps` (default: the run), then `end`.
 * Loshchilov and Hutter, "SGDR", 2017, equation 5, without restarts.
 */
export function cosineSchedule(
  start: number,
  { end = 0, steps }: { end?: number; steps?: number } = {},
): Schedule {
  return (step, total) => {
    const progress = Math.min(1, step / (steps ?? total));
    return end + 0.5 * (start - end) * (1 + Math.cos(Math.PI * progress));
  };
}

/** start · rate^(step / every); with `every` = 1 as PyTorch's ExponentialLR called each step. */
export function exponentialSchedule(
  start: number,
  rate: number,
  { every = 1 }: { every?: number } = {},
): Schedule {
  return (step) => start * rate ** (step / every);
}

/** start · factor^⌊step / every⌋, as PyTorch's StepLR. */
export function stepSchedule(
  start: number,
  { every, factor = 0.1 }: { every: number; factor?: number },
): Schedule {
  return (step) => start * factor ** Math.floor(step / every);
}

/**
 * A straight line from `from` to the schedule's first value over `steps`, then the schedule, which
 * begins there. Warms up a learning rate, or the weight of a divergence.
 */
export function linearWarmUp(
  schedule: Schedule,
  { steps, from = 0 }: { steps: number; from?: number },
): Schedule {
  return (step, total) => {
    const rest = Math.max(1, total - steps);
    if (step >= steps) return scheduleAt(schedule, step - steps, rest);
    return from + (scheduleAt(schedule, 0, rest) - from) * (step / steps);
  };
}
