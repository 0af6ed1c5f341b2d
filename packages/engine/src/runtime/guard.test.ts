import { expect, it } from "vitest";
import { abandonGuard, closeGuard, createGuard, insideGuard } from "./guard.js";

const tick = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

it("closing waits for the task inside, and lets none in after", async () => {
  const guard = createGuard();
  const events: string[] = [];
  const first = insideGuard(guard, async () => {
    await tick(20);
    events.push("task done");
    return 7;
  });
  const closed = closeGuard(guard).then(() => events.push("closed"));
  void insideGuard(guard, async () => events.push("entered"));
  expect(await first).toBe(7);
  await closed;
  await tick();
  expect(events).toEqual(["task done", "closed"]);
});

it("a task that fails leaves the guard open", async () => {
  const guard = createGuard();
  await expect(insideGuard(guard, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await insideGuard(guard, async () => 1)).toBe(1);
  await closeGuard(guard);
});

it("a worker that is gone holds nobody up", async () => {
  const guard = createGuard();
  void insideGuard(guard, () => new Promise<never>(() => {}));
  abandonGuard(guard);
  await closeGuard(guard);
});

it("without shared memory there is nothing to guard", async () => {
  expect(await insideGuard(undefined, async () => 2)).toBe(2);
  await closeGuard(undefined);
});
