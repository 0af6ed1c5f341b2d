import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { select } from "../calibration/index.js";
import { ecod } from "../detectors/ecod/index.js";

const stream = randomStream(2, "detector-select-test");
const rows = (count: number, shift: number) =>
  Array.from({ length: count }, () => [stream.normal() + shift, stream.normal() - shift]);

describe("select on scores", () => {
  it("selects by the p-values of the rows scored together", async () => {
    const model = await ecod().fit(rows(500, 0));
    const fresh = [...rows(90, 0), ...rows(10, 6)];
    const { pValues, select: choose } = await model.score(fresh);
    const selected = choose({ fdr: 0.2 });
    expect(selected).toEqual(select(pValues!, { fdr: 0.2 }));
    expect(selected.slice(90).every(Boolean)).toBe(true);
    expect(selected.slice(0, 90).filter(Boolean).length).toBeLessThan(8);
    expect(() => choose({ fdr: 2 })).toThrow(/fdr is 2/);
  });

  it("says why there is nothing to select by", async () => {
    const model = await ecod({ calibration: 0 }).fit(rows(50, 0));
    const result = await model.score(rows(3, 0));
    expect(() => result.select({ fdr: 0.1 })).toThrow(/no p-values.*calibration/);
  });
});
