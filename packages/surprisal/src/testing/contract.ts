import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "@surprisal/engine/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Detector,
  type FitOptions,
  type FittedDetector,
  load,
  type Samples,
} from "../detector/index.js";
import { auroc } from "../metrics/index.js";
import { scoreInBrowserRuntime } from "./browser-runtime.js";
import { contractRows } from "./contract-rows.js";

export interface ContractOptions {
  /** Makes the detector with small settings, so that it fits in seconds. */
  readonly create: (seed: number) => Detector;
  /** A copy that learned next to nothing, for detectors that train by gradient steps. */
  readonly createUntrained?: (seed: number) => Detector;
  /** The class of a row, for detectors that learn classes. */
  readonly classOf?: (row: readonly number[], index: number) => number;
  /** Whether the seed changes the scores. */
  readonly isRandom: boolean;
}

const COLUMNS = 5;

/** Fits; a supervised detector is given rows labelled as anomalies too. */
function fitRows(detector: Detector, rows: readonly (readonly number[])[], options: FitOptions = {}) {
  if (!detector.supervised) return detector.fit(rows, options);
  const anomalies =
    rows[0]?.length === COLUMNS
      ? contractRows(60, "labelled", true)
      : rows.slice(0, 60).map((row) => [...row]);
  const labels = new Uint8Array(rows.length + anomalies.length).fill(1, rows.length);
  return detector.fit([...rows, ...anomalies], { ...options, labels });
}

/**
 * The contract suite: what every detector keeps. One call a detector, in its own test file.
 */
export function describeContract(
  title: string,
  { create, createUntrained, classOf, isRandom }: ContractOptions,
): void {
  const fitContract: typeof fitRows = (detector, rows, options = {}) =>
    fitRows(detector, rows, { ...options, ...(classOf && { classes: rows.map(classOf) }) });
  describe(`${title} keeps the contract`, () => {
    const normals = contractRows(600, "training");
    const fresh = contractRows(300, "fresh");
    const anomalies = contractRows(300, "anomalies", true);
    const mixed = [...fresh, ...anomalies];
    const labels = mixed.map((_, i) => (i < fresh.length ? 0 : 1));
    let folder: string;
    let model: FittedDetector;
    let scores: Float32Array;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "surprisal-contract-"));
      model = await fitContract(create(1), normals);
      scores = (await model.score(mixed)).scores;
    });
    afterAll(async () => {
      await model.close();
      await rm(folder, { recursive: true, force: true });
    });

    it("gives the same scores for the same seed", async () => {
      const again = await fitContract(create(1), normals);
      expect((await again.score(mixed)).scores).toEqual(scores);
      const other = await fitContract(create(2), normals);
      // Even without randomness of its own, a detector holds out other rows for another seed.
      expect((await other.score(mixed)).scores).not.toEqual(scores);
      if (isRandom) {
        const all = await Promise.all([1, 2].map((seed) => fitContract(create(seed), normals)));
        const [a, b] = await Promise.all(all.map(async (fitted) => (await fitted.score(mixed)).scores));
        expect(a).not.toEqual(b);
      }
    });

    it("scores a row the same whatever the rest of its batch", async () => {
      const one = await model.score(mixed, { batchSize: 1 });
      const seven = await model.score(mixed, { batchSize: 7 });
      const reversed = await model.score([...mixed].reverse());
      expect(one.scores).toBeAllClose(scores, { rtol: 1e-5, atol: 1e-6 });
      expect(seven.scores).toBeAllClose(scores, { rtol: 1e-5, atol: 1e-6 });
      expect(reversed.scores.slice().reverse()).toBeAllClose(scores, { rtol: 1e-5, atol: 1e-6 });
    });

    it("scores vary, and anomalies get higher ones than normal rows", () => {
      expect(new Set(scores).size).toBeGreaterThan(100);
      expect(auroc(labels, scores)).toBeGreaterThan(0.6);
    });

    if (createUntrained) {
      it("beats its own untrained copy, from which training moved it", async () => {
        const untrained = await fitContract(createUntrained(1), normals);
        const before = (await untrained.score(mixed)).scores;
        expect(before).not.toEqual(scores);
        expect(auroc(labels, scores)).toBeGreaterThan(auroc(labels, before) + 0.02);
      });
    }

    it("gives the same scores in memory, after load, and in onnxruntime-web", async () => {
      const path = join(folder, "model.onnx");
      await model.save(path);
      const loaded = await load(path);
      const again = await loaded.score(mixed);
      expect(again.scores).toEqual(scores);
      expect(loaded.metadata).toEqual(model.metadata);
      expect(await readdir(folder)).toEqual(["model.onnx"]);

      const first = await model.score(mixed, { outputs: model.metadata.outputs });
      const web = await scoreInBrowserRuntime(model.bytes, mixed);
      expect(web.score).toBeAllClose(first.scores, { rtol: 1e-5, atol: 1e-6 });
      expect(web.p_value).toBeAllClose(first.pValues!, { rtol: 1e-5, atol: 1 / 100 });
      for (const name of model.metadata.outputs) {
        expect(web[name], name).toBeAllClose(first.outputs[name]!.data, { rtol: 1e-4, atol: 1e-5 });
      }
      await loaded.close();
    });

    it("decides by the threshold in the file, which can be replaced", async () => {
      const { isAnomaly } = await model.score(mixed);
      expect(isAnomaly).toEqual(Array.from(scores, (score) => score > model.threshold));
      // In the widest gap near the middle: rounding differs between runtimes.
      const sorted = Float32Array.from(scores).sort();
      const gap = (i: number) => sorted[i + 1]! - sorted[i]!;
      let below = 250;
      for (let i = below; i < 350; i++) if (gap(i) > gap(below)) below = i;
      const middle = Math.fround((sorted[below]! + sorted[below + 1]!) / 2);
      const above = mixed.length - 1 - below;
      const moved = model.withThreshold(middle);
      expect(moved.threshold).toBe(middle);
      expect(model.threshold).not.toBe(middle);
      expect((await moved.score(mixed)).isAnomaly.filter(Boolean)).toHaveLength(above);
      const web = await scoreInBrowserRuntime(moved.bytes, mixed);
      expect(Array.from(web.is_anomaly!).filter(Boolean)).toHaveLength(above);
      const rule = model.withThreshold({ rule: "bestF1" }, { scores, labels });
      expect(rule.metadata.threshold.rule).toEqual({ rule: "bestF1" });
    });

    it("gives valid p-values: P(p ≤ α) ≤ α on fresh normal rows", async () => {
      const { pValues } = await model.score(contractRows(4000, "validity"));
      const calibration = model.metadata.calibration.rows;
      for (const alpha of [0.01, 0.05, 0.1]) {
        const rate = pValues!.filter((p) => p <= alpha).length / 4000;
        // The rate varies with the drawn calibration rows too (a beta distribution).
        const spread = Math.sqrt(alpha * (1 - alpha) * (1 / 4000 + 1 / (calibration + 2)));
        expect(rate, `alpha ${alpha}`).toBeLessThanOrEqual(alpha + 3 * spread);
      }
      expect(Math.max(...pValues!)).toBeGreaterThan(0.5);
    });

    it("refuses NaN, infinity, and rows of another width, naming where", async () => {
      const row = normals[0]!;
      const bad = (value: number): Samples => [row, row.with(3, value)];
      await expect(model.score(bad(Number.NaN))).rejects.toThrow(/row 1.*column "x3".*missing/);
      await expect(model.score(bad(Number.NEGATIVE_INFINITY))).rejects.toThrow(
        /row 1.*column "x3".*-Infinity/,
      );
      await expect(model.score([row.slice(1)])).rejects.toThrow(/4 columns.*fitted on 5/);
      await expect(fitContract(create(1), [...normals, row.with(0, Number.NaN)])).rejects.toThrow(
        /row 600.*"x0"/,
      );
      await expect(fitContract(create(1), [row])).rejects.toThrow(/1 rows/);
      await expect(fitContract(create(1), [])).rejects.toThrow(/no rows/);
    });

    it("fits constant columns, duplicates, one column, and large and small scales", async () => {
      const odd = normals.map((row, i) => [7, row[0]! * 1e30, row[1]! * 1e-30, i % 2]);
      const fitted = await fitContract(create(1), odd);
      const { scores: oddScores } = await fitted.score(odd);
      expect(oddScores.every(Number.isFinite)).toBe(true);
      const single = await fitContract(
        create(1),
        normals.map((row) => [row[0]!]),
      );
      expect((await single.score([[0], [1e6]])).scores).toHaveLength(2);
      const twins = await fitContract(
        create(1),
        normals.map(() => normals[0]!),
      );
      expect((await twins.score(normals.slice(0, 3))).scores.every((score) => !Number.isNaN(score))).toBe(
        true,
      );
    });

    it("stops when aborted", async () => {
      const reason = new Error("stop here");
      await expect(fitContract(create(1), normals, { signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      );
      await expect(model.score(mixed, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it("says in its metadata what it learned from", () => {
      const { metadata } = model;
      expect(metadata.training.rows + metadata.calibration.rows).toBe(600);
      expect(metadata.input.kind === "table" && metadata.input.columns.map(({ name }) => name)).toEqual(
        Array.from({ length: COLUMNS }, (_, i) => `x${i}`),
      );
      expect(metadata.training.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(model.withMetrics({ auroc: 0.5 }).metadata.metrics).toEqual({ auroc: 0.5 });
    });
  });
}
