import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startProgress } from "./progress.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function stream() {
  const written: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { sink, written };
}

describe("progress without a terminal", () => {
  it("is a line at most every other second", () => {
    const { sink, written } = stream();
    const progress = startProgress("fit", sink, false);
    for (let tick = 0; tick < 100; tick++) {
      vi.advanceTimersByTime(100);
      progress.update(tick / 100, `epoch ${tick}`);
    }
    progress.stop();
    expect(written).toHaveLength(5);
    expect(written[0]).toBe("fit: 19%, epoch 19, 2.0 s so far\n");
  });

  it("has no share where the end is not known, and nothing when silenced", () => {
    const { sink, written } = stream();
    const progress = startProgress("score", sink, false);
    vi.advanceTimersByTime(3000);
    progress.update(undefined, "8 rows");
    const silent = startProgress("score", sink, true);
    silent.update(0.5, "x");
    silent.stop();
    expect(written).toEqual(["score: 8 rows, 3.0 s so far\n"]);
  });
});
