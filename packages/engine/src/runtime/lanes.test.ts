import { describe, expect, it } from "vitest";
import { emitModel } from "../emit/index.js";
import { input, mul, symbol } from "../tensor/index.js";
import { openLanes } from "./lanes.js";

const double = emitModel({ outputs: { y: mul(input("x", [symbol("N")]), 2) } });

describe.each([false, true])("openLanes, side by side: %s", (sideBySide) => {
  it.each([
    [1, 10],
    [10, 3],
    [1000, 64],
    [5000, 4999],
    [7, 1],
  ])("works through %d rows in batches of at most %d", async (rows, batchSize) => {
    await using lanes = await openLanes(double, { sideBySide });
    const result = new Float32Array(rows);
    await lanes.forEachBatch(rows, batchSize, async (session, from, to) => {
      expect(to - from).toBeGreaterThan(0);
      expect(to - from).toBeLessThanOrEqual(batchSize);
      const data = Float32Array.from({ length: to - from }, (_, i) => from + i);
      const { y } = await session.run({ x: { dtype: "float32", shape: [to - from], data } });
      result.set(y!.data as Float32Array, from);
    });
    expect([...result]).toEqual(Array.from({ length: rows }, (_, i) => 2 * i));
  });

  it("begins every call before the one before it in its session has ended", async () => {
    await using lanes = await openLanes(double, { sideBySide, rows: 8192 });
    let open = 0;
    let most = 0;
    await lanes.forEachBatch(8192, 1024, async (session, from, to) => {
      most = Math.max(most, ++open);
      await session.run({ x: { dtype: "float32", shape: [to - from], data: new Float32Array(to - from) } });
      open--;
    });
    expect(most).toBeGreaterThan(1);
  });

  it("calls nothing for no rows, and passes the first error and an abort on", async () => {
    await using lanes = await openLanes(double, { sideBySide });
    await lanes.forEachBatch(0, 5, () => Promise.reject(new Error("called")));
    await expect(lanes.forEachBatch(100, 5, () => Promise.reject(new Error("broken")))).rejects.toThrow(
      "broken",
    );
    const aborter = new AbortController();
    let calls = 0;
    const work = async () => {
      calls++;
      aborter.abort(new Error("enough"));
    };
    await expect(lanes.forEachBatch(100, 1, work, aborter.signal)).rejects.toThrow("enough");
    expect(calls).toBeLessThan(100);
  });
});
