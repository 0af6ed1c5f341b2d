import "@surprisal/engine/testing";
import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { auroc } from "../../metrics/index.js";
import { dec } from "./index.js";

/** Points about three middles of four columns; anomalies lie between them. */
function kinds(count: number, name: string, isAnomalous = false) {
  const stream = randomStream(6, name);
  const middles = [
    [4, 0, 0, 4],
    [0, 4, 0, -4],
    [0, 0, 4, 0],
  ];
  return Array.from({ length: count }, (_, i) =>
    middles[0]!.map((_, j) => {
      const middle = isAnomalous
        ? (middles[0]![j]! + middles[1]![j]! + middles[2]![j]!) / 3
        : middles[i % 3]![j]!;
      return middle + 0.3 * stream.normal();
    }),
  );
}

describe("dec", () => {
  it("finds kinds of rows, and rows that are of none by both of its scores", async () => {
    const options = {
      latent: 2,
      clusters: 3,
      pretrainingEpochs: 60,
      clusteringEpochs: 20,
      batchSize: 32,
      seed: 1,
    };
    const model = await dec(options).fit(kinds(300, "training"));
    const { summary } = model.metadata.training;
    const sizes = String(summary.clusterSizes).split(" ").map(Number);
    for (const size of sizes) expect(Math.abs(size - 80)).toBeLessThan(12);
    const mixed = [...kinds(90, "fresh"), ...kinds(90, "anomalies", true)];
    const labels = mixed.map((_, i) => Number(i >= 90));
    const { scores, outputs } = await model.score(mixed, {
      outputs: ["center_distance", "assignment_doubt"],
    });
    expect(outputs.center_distance!.data).toEqual(scores);
    expect(auroc(labels, scores)).toBeGreaterThan(0.9);
    expect(auroc(labels, outputs.assignment_doubt!.data)).toBeGreaterThan(0.9);
    await model.close();
  });

  it("clusters codes of a network with batch norms, whose running statistics score", async () => {
    const stream = randomStream(3, "tiles");
    const data = Float32Array.from(
      { length: 64 * 192 },
      (_, i) => 0.5 + 0.4 * Math.sin(2 * (Math.floor(i / 192) % 3) + (i % 3)) + 0.05 * stream.uniform(),
    );
    const X = { data, shape: [64, 8, 8, 3] };
    const options = {
      body: "clad",
      depth: 2,
      latent: 3,
      codeNoise: "learned",
      clusteringCode: "sampled",
    } as const;
    const detector = dec({
      ...options,
      clusters: 3,
      pretrainingEpochs: 4,
      clusteringEpochs: 2,
      batchSize: 16,
    });
    const model = await detector.fit(X);
    const { scores } = await model.score(X);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect((await model.score(X, { batchSize: 1 })).scores).toBeAllClose(scores, { rtol: 1e-3, atol: 1e-4 });
    await model.close();
  });
});
