import { expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { Snapshot } from "./plan.js";

const join = (parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

const snapshot: Snapshot = {
  epoch: 2,
  step: 7,
  skippedSteps: 1,
  history: [{ epoch: 1, loss: 0.1, metrics: { a: Number.NaN }, validationLoss: Number.POSITIVE_INFINITY }],
  streams: { batches: [1, 2, 3, 4] },
  vectors: { p: Float32Array.from([1, Number.NaN, -0]), q: new Float32Array(1) },
  best: { epoch: 1, loss: 0.5, vectors: { p: Float32Array.from([3, 4, 5]) } },
};

it("a checkpoint reads back what was written, also what is not finite", () => {
  const bytes = join(encodeCheckpoint({ seed: 1 }, snapshot));
  expect(decodeCheckpoint(bytes, { seed: 1 }, "file")).toEqual(snapshot);
  const { best: _, ...rest } = snapshot;
  expect(decodeCheckpoint(join(encodeCheckpoint({}, rest)), {}, "file")).toEqual(rest);
});

it("names what differs or is wrong", () => {
  const bytes = join(encodeCheckpoint({ seed: 1, rows: 5 }, snapshot));
  const read =
    (data: Uint8Array, rows = 5) =>
    () =>
      decodeCheckpoint(data, { seed: 1, rows }, "file");
  expect(read(bytes, 6)).toThrow("cannot resume from file: its rows was 5, but is 6 now");
  expect(read(bytes.subarray(0, 9))).toThrow("it is not a training checkpoint");
  expect(read(bytes.subarray(0, 60))).toThrow("it is cut short");
  expect(read(bytes.subarray(0, -4))).toThrow(/instead of/);
  expect(read(new Uint8Array([...bytes, 0]))).toThrow(/instead of/);
});
