import { describe, expect, it } from "vitest";
import {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  linearWarmUp,
  type Schedule,
  scheduleAt,
  stepSchedule,
} from "./schedules.js";

const at = (schedule: Schedule, ...steps: number[]) => steps.map((step) => scheduleAt(schedule, step, 100));

describe("schedules", () => {
  it("constant", () => expect(at(constantSchedule(0.3), 0, 99)).toEqual([0.3, 0.3]));

  it("cosine falls from start to end, over the run or over its own steps", () => {
    const [first, quarter, half, last] = at(cosineSchedule(1, { end: 0.2 }), 0, 25, 50, 100);
    expect(first).toBe(1);
    expect(quarter).toBeCloseTo(0.2 + 0.4 * (1 + Math.SQRT1_2), 12);
    expect(half).toBeCloseTo(0.6, 12);
    expect(last).toBeCloseTo(0.2, 12);
    expect(at(cosineSchedule(1, { steps: 10 }), 10, 60)).toEqual([0, 0]);
  });

  it("exponential and stepwise decay", () => {
    expect(at(exponentialSchedule(2, 0.5), 0, 3)).toEqual([2, 0.25]);
    expect(at(exponentialSchedule(2, 0.25, { every: 2 }), 1)).toEqual([1]);
    expect(at(stepSchedule(1, { every: 30, factor: 0.5 }), 0, 29, 30, 60)).toEqual([1, 1, 0.5, 0.25]);
  });

  it("a warm-up leads to the schedule's beginning", () => {
    const warm = linearWarmUp(cosineSchedule(1), { steps: 20 });
    expect(at(warm, 0, 10, 20)).toEqual([0, 0.5, 1]);
    expect(at(warm, 60)[0]).toBeCloseTo(0.5, 12);
    expect(at(linearWarmUp(5, { steps: 10, from: 1 }), 0, 5, 10, 99)).toEqual([1, 3, 5, 5]);
  });
});
