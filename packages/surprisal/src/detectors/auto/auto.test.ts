import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { combine } from "../../combine/index.js";
import type { LearnContext, Member } from "../../detector/index.js";
import { readSamples } from "../../detector/samples.js";
import { auroc } from "../../metrics/index.js";
import { isolationForest } from "../isolation-forest/index.js";
import { knn } from "../knn/index.js";
import { lof } from "../lof/index.js";
import { auto } from "./index.js";
import { onSample } from "./sample.js";

function normalRows(count: number, columns: number, name = "auto-test"): number[][] {
  const stream = randomStream(9, name);
  return Array.from({ length: count }, () => Array.from({ length: columns }, () => stream.normal()));
}

describe("auto", () => {
  it("is the combination that its page names", async () => {
    const rows = normalRows(200, 3);
    const detectors = [knn({ neighbours: 10, method: "mean" }), lof(), isolationForest()];
    const model = await auto({ seed: 2 }).fit(rows);
    const byHand = await combine({ detectors, seed: 2 }).fit(rows);
    expect(model.metadata.outputs).toEqual(["knn", "lof", "isolation_forest"]);
    expect((await model.score(rows)).scores).toEqual((await byHand.score(rows)).scores);
  });

  it("finds anomalies of three kinds", async () => {
    // Two clusters, of which one is tight; the third column is the sum of the first two.
    const stream = randomStream(10, "auto-test");
    const draw = (i: number) => {
      const [spread, at] = i % 2 ? [0.1, 4] : [1, 0];
      const [a, b] = [at + spread * stream.normal(), at + spread * stream.normal()];
      return [a, b, a + b + 0.05 * stream.normal()];
    };
    const normals = Array.from({ length: 600 }, (_, i) => draw(i));
    const fresh = Array.from({ length: 100 }, (_, i) => draw(i));
    const kinds = {
      far: fresh.map(([a, b, c]) => [a! + 8, b! - 8, c!]),
      "beside the tight cluster": fresh.map(() => [4.9, 3.1, 8 + 0.05 * stream.normal()]),
      "with a broken sum": fresh.map(([a, b, c]) => [a!, b!, c! + 0.7]),
    };
    // One forest more or less moves an AUROC by a hundredth.
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
    const models = await Promise.all(seeds.map((seed) => auto({ seed }).fit(normals)));
    for (const [kind, anomalies] of Object.entries(kinds)) {
      let mean = 0;
      for (const model of models) {
        const { scores } = await model.score([...fresh, ...anomalies]);
        const labels = Array.from(scores, (_, i) => (i < 100 ? 0 : 1));
        mean += auroc(labels, scores) / seeds.length;
      }
      expect(mean, kind).toBeGreaterThan(0.9);
    }
  });

  it("takes images", async () => {
    const data = Float32Array.from(normalRows(60, 16).flat());
    const model = await auto().fit({ data, shape: [60, 4, 4, 1] });
    const { scores } = await model.score({ data, shape: [60, 4, 4, 1] });
    expect(new Set(scores).size).toBeGreaterThan(50);
  });
});

describe("onSample", () => {
  const context: LearnContext = {
    seed: 1,
    missing: "refuse",
    maxCategories: 8,
    onProgress: () => undefined,
  };
  const learned = async (most: number, seed = 1) => {
    let seen: number[] = [];
    const detector = {
      name: "spy",
      async learn(rows: { readonly data: ArrayLike<number> }): Promise<Member> {
        seen = Array.from(rows.data);
        return {} as Member;
      },
    };
    const rows = readSamples(Array.from({ length: 50 }, (_, i) => [i]));
    await onSample(detector, most).learn(rows, { ...context, seed });
    return seen;
  };

  it("passes on so many rows at random, or all where there are no more", async () => {
    const some = await learned(20);
    expect(some).toHaveLength(20);
    expect(new Set(some).size).toBe(20);
    expect(some).toEqual([...some].sort((a, b) => a - b));
    expect(await learned(20)).toEqual(some);
    expect(await learned(20, 2)).not.toEqual(some);
    expect(await learned(50)).toHaveLength(50);
  });
});
