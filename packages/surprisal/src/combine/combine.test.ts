import { input, randomStream, symbol } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import type { Table } from "../data/index.js";
import { ecod } from "../detectors/ecod/index.js";
import { isolationForest } from "../detectors/isolation-forest/index.js";
import { lof } from "../detectors/lof/index.js";
import { mahalanobis } from "../detectors/mahalanobis/index.js";
import { SurprisalError } from "../errors.js";
import { runGraph } from "../testing/run-graph.js";
import { combinationGraph } from "./graph.js";
import { combine } from "./index.js";
import { combinationMethods, dealBuckets } from "./methods.js";
import { fitScoreScale, scoreScaleGraph } from "./score-scale.js";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function medianByHand(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return average(sorted.length % 2 ? [sorted[Math.floor(half)]!] : [sorted[half - 1]!, sorted[half]!]);
}

function numbers(count: number, name: string): number[] {
  const stream = randomStream(5, name);
  return Array.from({ length: count }, () => Math.fround(stream.normal()));
}

function rowsOf(count: number, columns: number): number[][] {
  const values = numbers(count * columns, "combine-rows");
  return Array.from({ length: count }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}

describe("combinationGraph", () => {
  const byHand = {
    average,
    maximum: (row: readonly number[]) => Math.max(...row),
    median: medianByHand,
    averageOfMaximum: (row: readonly number[], buckets: readonly number[][]) =>
      average(buckets.map((bucket) => Math.max(...bucket.map((i) => row[i]!)))),
    maximumOfAverage: (row: readonly number[], buckets: readonly number[][]) =>
      Math.max(...buckets.map((bucket) => average(bucket.map((i) => row[i]!)))),
  };
  it.each(combinationMethods.flatMap((method) => [1, 2, 5, 6].map((members) => ({ method, members }))))(
    "is the $method of $members scores",
    async ({ method, members }) => {
      const data = Float64Array.from(numbers(20 * members, "combine-scores"));
      const buckets = dealBuckets(members, Math.min(members, 3), 1);
      const x = input("x", [symbol("N"), members], "float64");
      const { score } = await runGraph(
        { score: combinationGraph(x, method, buckets) },
        { x: { dtype: "float64", shape: [20, members], data } },
      );
      for (let i = 0; i < 20; i++) {
        const row = [...data.subarray(i * members, (i + 1) * members)];
        expect((score.data as Float32Array)[i]).toBeCloseTo(byHand[method](row, buckets), 6);
      }
    },
  );
});

describe("dealBuckets", () => {
  it("deals every member once, evenly, another way for another seed", () => {
    const dealt = dealBuckets(11, 4, 3);
    expect(dealt.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, i) => i));
    expect(dealt.map((bucket) => bucket.length)).toEqual([3, 3, 3, 2]);
    expect(dealBuckets(11, 4, 3)).toEqual(dealt);
    expect(dealBuckets(11, 4, 4)).not.toEqual(dealt);
  });
});

describe("scoreScaleGraph", () => {
  const training = [Float32Array.of(3, 1, 2, 2), Float32Array.of(7, 7, 7, 7)];
  const fresh = [0, 7, 2, 8, 9, Number.POSITIVE_INFINITY, Number.NaN, 6];
  const scaled = async (kind: "standard" | "rank" | "none", scores = fresh) => {
    const x = input("x", [symbol("N"), 2]);
    const { y } = await runGraph(
      { y: scoreScaleGraph(x, fitScoreScale(kind, training)) },
      { x: { dtype: "float32", shape: [4, 2], data: Float32Array.from(scores) } },
    );
    return [...(y.data as Float64Array)];
  };

  it("standardises, and only shifts scores that are all alike", async () => {
    const [low, same, middle, above, high, infinite, missing, below] = await scaled("standard");
    const deviation = Math.sqrt(0.5);
    expect([low, middle, high]).toEqual([
      expect.closeTo(-2 / deviation, 9),
      0,
      expect.closeTo(7 / deviation, 9),
    ]);
    expect([same, above, below]).toEqual([0, 1, -1]);
    expect(infinite).toBe(1e30);
    expect(missing).toBeNaN();
  });

  it("ranks by the share of training scores that are no higher, ties counted", async () => {
    expect(await scaled("rank")).toEqual([0, 1, 0.75, 1, 1, 1, Number.NaN, 0]);
  });

  it("ranks a training score alike however a runtime rounds it", async () => {
    const [low, high] = [1 - 5e-6, 1 + 5e-6];
    const around = [low, 7 * low, high, 7 * high, 3 * low, 7 * low, 2 * low, 7];
    expect(await scaled("rank", around)).toEqual([0.25, 1, 0.25, 1, 1, 1, 0.75, 1]);
  });

  it("leaves scores alone", async () => {
    expect(await scaled("none")).toEqual(fresh);
  });
});

describe("combine", () => {
  it("averages the standardised scores of its members, which are further outputs", async () => {
    const rows = rowsOf(300, 3);
    const detectors = [ecod(), mahalanobis(), ecod({ scaling: "standard" })];
    const model = await combine({ detectors, calibration: 0 }).fit(rows);
    expect(model.metadata.outputs).toEqual(["ecod", "mahalanobis", "ecod_2"]);
    const outputs = model.metadata.outputs;
    const result = await model.score(rows, { outputs });
    const alone = await Promise.all(
      detectors.map(async (detector) => {
        const { name, options } = detector;
        const create = name === "ecod" ? ecod : mahalanobis;
        return (await (await create({ ...options, calibration: 0 }).fit(rows)).score(rows)).scores;
      }),
    );
    const standardised = alone.map((scores, i) => {
      expect(result.outputs[outputs[i]!]!.data).toBeAllClose(scores, { rtol: 1e-6, atol: 1e-6 });
      const center = average([...scores]);
      const deviation = Math.sqrt(average([...scores].map((score) => (score - center) ** 2)));
      return scores.map((score) => (score - center) / deviation);
    });
    const expected = result.scores.map((_, row) => average(standardised.map((scores) => scores[row]!)));
    expect(result.scores).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-5 });
    const { detectors: described } = model.metadata.detector.options as { detectors: unknown[] };
    expect(described[2]).toEqual({ name: "ecod", options: expect.objectContaining({ scaling: "standard" }) });
  });

  it("gives every member its own preprocessing of categories and missing values", async () => {
    const [amount, shade] = [numbers(200, "amount"), numbers(200, "shade")];
    const table: Table = {
      rowCount: 200,
      columns: [
        {
          name: "amount",
          kind: "numeric",
          values: Float64Array.from(amount, (x, i) => (i % 20 ? x : Number.NaN)),
        },
        { name: "colour", kind: "categorical", values: shade.map((x) => (x > 0 ? "red" : "blue")) },
      ],
    };
    const scale = { scale: "rank", method: "maximum" } as const;
    const model = await combine({ detectors: [ecod(), mahalanobis()], ...scale, missing: "mean" }).fit(table);
    expect(model.metadata.features).toEqual(["amount", "colour"]);
    const { scores } = await model.score(table);
    expect(Math.max(...scores)).toBe(1);
    expect(Math.min(...scores)).toBeGreaterThan(0);
    await expect(combine({ detectors: [ecod()], missing: "refuse" }).fit(table)).rejects.toThrow(
      /row 0.*"amount".*missing/,
    );
  });

  it("combines combinations, with seeds of their own for equal members", async () => {
    const rows = rowsOf(100, 2);
    const forests = Array.from({ length: 2 }, () => isolationForest({ trees: 5 }));
    const model = await combine({ detectors: [combine({ detectors: forests }), ecod()], seed: 3 }).fit(rows);
    expect(model.metadata.outputs).toEqual(["combination", "ecod"]);
    const both = await combine({ detectors: forests, seed: 3 }).fit(rows);
    const { outputs } = await both.score(rows, { outputs: ["isolation_forest", "isolation_forest_2"] });
    expect(outputs.isolation_forest!.data).not.toEqual(outputs.isolation_forest_2!.data);
  });

  it("refuses no detectors, fitted ones, and more buckets than members", async () => {
    const fitted = await ecod().fit(rowsOf(30, 2));
    expect(() => combine()).toThrow(/combination: option "detectors"/);
    expect(() => combine({ detectors: [] })).toThrow(/one detector or more/);
    expect(() => combine({ detectors: [fitted as never] })).toThrow(/"detectors.0": give unfitted detectors/);
    expect(() => combine({ detectors: [ecod()], method: "mean" as never })).toThrow(SurprisalError);
    const bucketed = combine({ detectors: [ecod(), mahalanobis()], method: "averageOfMaximum", buckets: 3 });
    await expect(bucketed.fit(rowsOf(30, 2))).rejects.toThrow(/buckets is 3.*only 2 detectors/);
  });

  it("passes progress and the signal on", async () => {
    const fractions: number[] = [];
    await combine({ detectors: [ecod(), mahalanobis()] }).fit(rowsOf(60, 2), {
      onProgress: ({ stage, fraction }) => {
        if (stage === "train") fractions.push(fraction);
      },
    });
    expect(fractions).toEqual([expect.closeTo(0.45, 9), expect.closeTo(0.9, 9)]);
  });

  // Members of one kind know their scores of the training rows from the fit; a forest scores them.
  it.each([
    ["known", [lof({ neighbours: 5 }), lof({ neighbours: 12 })]],
    ["not known", [lof({ neighbours: 5 }), isolationForest({ trees: 10 })]],
  ] as const)("draws the threshold on scores of training rows that are %s", async (_, members) => {
    const rows = rowsOf(300, 3);
    const common = { calibration: 0, threshold: { rule: "contamination", fraction: 0.1 } } as const;
    for (const { method, scale } of [
      { method: "average", scale: "none" },
      { method: "maximum", scale: "standard" },
      { method: "median", scale: "rank" },
    ] as const) {
      const model = await combine({ detectors: [...members], method, scale, ...common }).fit(rows);
      const scores = [...(await model.score(rows)).scores].sort((a, b) => b - a);
      const slack = 1e-5 * (1 + Math.abs(scores[29]!));
      expect(model.threshold, method).toBeGreaterThan(scores[30]! - slack);
      expect(model.threshold, method).toBeLessThan(scores[29]! + slack);
      await model.close();
    }
  });
});
