import { expect, it } from "vitest";
import { chooseStepsPerCall } from "./steps-per-call.js";

/** Lets the chooser see calls that cost `fixed` ms and `each` ms per step; returns where it ends. */
function settle(fixed: number, each: (steps: number) => number): number {
  const chooser = chooseStepsPerCall("measured");
  for (let call = 0; call < 60; call++) {
    const steps = chooser.next();
    chooser.record(steps, fixed + steps * each(steps));
  }
  return chooser.next();
}

it("keeps single steps where a step is long", () => {
  expect(settle(0.05, () => 25)).toBe(1);
});

it("takes several where the fixed cost of a call counts", () => {
  expect(settle(3, () => 2)).toBe(20);
  expect(settle(0.01, () => 0.01)).toBe(32);
});

it("goes back to single steps where several turn out slower", () => {
  expect(settle(0.05, (steps) => (steps > 1 ? 1.4 : 1))).toBe(1);
});

it("is not misled by calls of fewer steps than asked for, nor by slow moments", () => {
  const chooser = chooseStepsPerCall("measured");
  for (let call = 0; call < 12; call++) chooser.record(1, call === 5 ? 5 : 500);
  expect(chooser.next()).toBe(20);
  chooser.record(1, 0.1);
  for (let call = 0; call < 6; call++) chooser.record(20, 20 * 1);
  expect(chooser.next()).toBe(20);
});

it("does as it is told", () => {
  const chooser = chooseStepsPerCall(7);
  chooser.record(7, 1e6);
  expect(chooser.next()).toBe(7);
});
