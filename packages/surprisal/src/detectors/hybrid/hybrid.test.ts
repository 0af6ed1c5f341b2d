import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { contractRows } from "../../testing/contract-rows.js";
import { autoencoder } from "../autoencoder/index.js";
import { deepSvdd } from "../deep-svdd/index.js";
import { isolationForest } from "../isolation-forest/index.js";
import { neuralClassifier } from "../neural-classifier/index.js";
import { ocSvm } from "../oc-svm/index.js";
import { hybrid } from "./index.js";

const rows = contractRows(300, "training");
const fresh = contractRows(100, "fresh");
const common = { calibration: 0, seed: 3 } as const;
const encoder = { latent: 3, epochs: 20 } as const;

/** The codes as rows, for a fit by hand. */
function asRows(code: { data: ArrayLike<number>; shape: readonly number[] }): number[][] {
  const [count = 0, width = 0] = code.shape;
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: width }, (_, j) => code.data[i * width + j]!),
  );
}

describe("hybrid", () => {
  it("is the detector on the codes, as if each had been fitted by hand", async () => {
    const model = await hybrid({ ...common, encoder: autoencoder(encoder), base: ocSvm() }).fit(rows);
    const outputs = ["code", "reconstruction_error"];
    const [training, scored] = await Promise.all([
      model.score(rows, { outputs }),
      model.score(fresh, { outputs }),
    ]);
    const alone = await autoencoder({ ...common, ...encoder }).fit(rows);
    const byHand = await alone.score(fresh, { outputs });
    expect(scored.outputs.code).toBeAllClose(byHand.outputs.code!, { atol: 1e-5 });
    expect(scored.outputs.reconstruction_error).toBeAllClose(byHand.scores, { rtol: 1e-4, atol: 1e-5 });
    const onCodes = await ocSvm(common).fit(asRows(training.outputs.code!));
    const expected = await onCodes.score(asRows(scored.outputs.code!));
    expect(scored.scores).toBeAllClose(expected.scores, { rtol: 1e-4, atol: 1e-5 });
    expect(model.metadata.training.summary).toMatchObject({ encoder: "autoencoder", detector: "oc-svm" });
  });

  it("takes parts by name with their options, any encoder with a code, and images", async () => {
    const named = await hybrid({
      ...common,
      encoder: "vae",
      encoderOptions: { epochs: 5 },
      base: "gmm",
      baseOptions: { components: 2 },
    }).fit(rows);
    expect((await named.score(fresh)).scores.every(Number.isFinite)).toBe(true);
    const images = { data: Float32Array.from(rows.flat()), shape: [15, 10, 10, 1] };
    const onImages = await hybrid({
      ...common,
      encoder: deepSvdd({ pretrainingEpochs: 1, epochs: 1, latent: 4 }),
      base: isolationForest({ trees: 10 }),
    }).fit(images);
    const { scores, outputs } = await onImages.score(images, { outputs: ["code", "squared_distance"] });
    expect(scores).toHaveLength(15);
    expect(outputs.code!.shape).toEqual([15, 4]);
    expect(outputs.squared_distance!.shape).toEqual([15]);
  });

  it("gives labels to a supervised detector", async () => {
    const anomalies = contractRows(60, "labelled", true);
    const labels = Uint8Array.from({ length: 360 }, (_, i) => Number(i >= 300));
    const detector = hybrid({
      ...common,
      encoder: autoencoder(encoder),
      base: neuralClassifier({ epochs: 3 }),
    });
    expect(detector.supervised).toBe(true);
    const model = await detector.fit([...rows, ...anomalies], { labels });
    expect(model.metadata.training.summary.anomalies).toBe(60);
  });

  it("refuses what is no encoder, encoders without a code, and options that belong to nothing", async () => {
    expect(() => hybrid({ encoder: ocSvm() as never })).toThrow(/hybrid: option "encoder"/);
    expect(() => hybrid({ encoder: autoencoder(), encoderOptions: { latent: 2 } }).supervised).toThrow(
      /"encoderOptions" goes with the name/,
    );
    await expect(
      hybrid({ encoder: neuralClassifier() as never, base: "knn" }).fit([...rows, ...rows], {
        labels: Uint8Array.from({ length: 600 }, (_, i) => Number(i >= 300)),
      }),
    ).rejects.toThrow(/neural-classifier has no code/);
    await expect(hybrid(common).fit(rows, { checkpoint: { path: "x" } })).rejects.toThrow(/checkpoint/);
  });
});
