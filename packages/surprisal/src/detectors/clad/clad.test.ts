import { randomStream, readGraph } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { epsilonGrid } from "../../classification/index.js";
import { auroc } from "../../metrics/index.js";
import { clad } from "./index.js";

const SIZE = 8;

/** Images of bars in the rows of pixels that belong to their kind, under noise. */
function bars(count: number, name: string, placesOf: (i: number) => readonly number[]) {
  const stream = randomStream(5, name);
  const data = Uint8Array.from({ length: count * SIZE * SIZE }, (_, at) => {
    const [i, pixel] = [Math.floor(at / (SIZE * SIZE)), at % (SIZE * SIZE)];
    const isBar = placesOf(i).includes(Math.floor(pixel / SIZE));
    return Math.max(0, Math.min(255, (isBar ? 180 : 40) + 30 * stream.normal()));
  });
  return { data, shape: [count, SIZE, SIZE] };
}

const kindOf = (i: number) => i % 3;
const training = bars(240, "training", (i) => [2 * kindOf(i) + 1]);
const mixed = bars(120, "mixed", (i) =>
  i < 60 ? [2 * kindOf(i) + 1] : [2 * kindOf(i) + 1, (2 * kindOf(i) + 3) % 6],
);
const labels = Array.from({ length: 120 }, (_, i) => Number(i >= 60));
const options = {
  depth: 2,
  latent: 3,
  clusters: 3,
  pretrainingEpochs: 25,
  clusteringEpochs: 3,
  batchSize: 32,
  width: 4,
  classifierEpochs: 12,
  classifierBatchSize: 32,
  classifierLearningRate: 3e-3,
  calibration: 0,
  seed: 1,
};

describe("clad of images", () => {
  it("goes from rows to a file that holds the classifier alone", async () => {
    const stages: number[] = [];
    const model = await clad(options).fit(training, { onProgress: ({ fraction }) => stages.push(fraction) });
    const { scores, outputs } = await model.score(mixed, { outputs: ["odin", "maximum_softmax"] });
    expect(outputs.odin!.data).toEqual(scores);
    expect(auroc(labels, scores)).toBeGreaterThan(0.7);
    const { summary } = model.metadata.training;
    const sizes = String(summary.clusterSizes).split(" ").map(Number);
    expect(sizes.reduce((a, b) => a + b)).toBe(240);
    expect(summary.clusters).toBe(sizes.length);
    expect(summary.classifierAccuracy).toBeGreaterThan(0.9);
    expect(epsilonGrid).toContain(summary.epsilon);
    expect(stages.every((fraction, i) => i === 0 || fraction >= stages[i - 1]!)).toBe(true);
    // The autoencoder has a dense layer of 512 alone: far more than the classifier.
    const stored = [...readGraph(model.bytes).initializers.values()];
    const floats = stored.reduce(
      (total, { dtype, data }) => total + (dtype === "float32" ? data.length : 0),
      0,
    );
    expect(floats).toBeLessThan(1.5 * Number(summary.classifierParameters) + 2000);
    await model.close();
  });

  it("keeps the clusters where they are asked for, whose largest part is the label", async () => {
    const model = await clad({ ...options, keepClusters: true, classifierEpochs: 1 }).fit(training);
    const { outputs } = await model.score(training, { outputs: ["code", "assignment"] });
    const { clusterSizes, clusters } = model.metadata.training.summary;
    expect(outputs.code!.shape).toEqual([240, 3]);
    expect(outputs.assignment!.shape).toEqual([240, clusters]);
    const sizes = new Array<number>(Number(clusters)).fill(0);
    for (let i = 0; i < 240; i++) {
      const parts = outputs.assignment!.data.slice(i * sizes.length, (i + 1) * sizes.length);
      expect(parts.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      sizes[parts.indexOf(Math.max(...parts))]! += 1;
    }
    expect(sizes.join(" ")).toBe(clusterSizes);
    await model.close();
  });

  it("names the option that does not fit", async () => {
    const wide = { ...options, network: "linear", score: "mahalanobis" } as const;
    const large = { data: new Float32Array(20 * 36 * 36).map((_, i) => (i % 7) / 7), shape: [20, 36, 36] };
    const detector = clad({ ...wide, body: "dense", hidden: [4], pretrainingEpochs: 1 });
    await expect(detector.fit(large)).rejects.toThrow(/clad: option "score" is mahalanobis/);
    await expect(clad({ ...options, body: "clad" }).fit([[1], [2], [3]])).rejects.toThrow(
      /clad: option "body" is clad, which needs images/,
    );
  });
});
