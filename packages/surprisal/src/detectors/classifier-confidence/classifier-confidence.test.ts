import "@surprisal/engine/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream, readGraph } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { chooseEpsilon, epsilonGrid, trainClassifier } from "../../classification/index.js";
import { trainingOf } from "../../deep/index.js";
import { auroc } from "../../metrics/index.js";
import { classifierConfidence } from "./index.js";
import { classifierConfidenceOptions, scoreNames } from "./options.js";

const SIZE = 8;

/** Images of a bar, or of two, in the place of their class, under noise. */
function bars(count: number, name: string, placesOf: (i: number) => readonly number[]) {
  const stream = randomStream(5, name);
  const data = Uint8Array.from({ length: count * SIZE * SIZE }, (_, at) => {
    const [i, pixel] = [Math.floor(at / (SIZE * SIZE)), at % (SIZE * SIZE)];
    const isBar = placesOf(i).includes(Math.floor(pixel / SIZE));
    return Math.max(0, Math.min(255, (isBar ? 180 : 40) + 30 * stream.normal()));
  });
  return { data, shape: [count, SIZE, SIZE] };
}

const classOf = (i: number) => i % 3;
const training = bars(300, "training", (i) => [2 * classOf(i) + 1]);
// Numbers with gaps, as of a choice of digits.
const classes = Uint8Array.from({ length: 300 }, (_, i) => [3, 5, 8][classOf(i)]!);
const mixed = bars(120, "mixed", (i) =>
  i < 60 ? [2 * classOf(i) + 1] : [2 * classOf(i) + 1, (2 * classOf(i) + 3) % 6],
);
const labels = Array.from({ length: 120 }, (_, i) => Number(i >= 60));
const names = Object.values(scoreNames);
const small = { width: 4, epochs: 12, batchSize: 32, learningRate: 3e-3, seed: 1 };

describe("classifier-confidence on images", () => {
  it.each([
    ["cnn", {}],
    ["resnet18", { network: "resnet18" as const, stem: "small" as const, epochs: 6 }],
  ])("gives all scores in one file of parameters stored once: %s", async (_, options) => {
    const model = await classifierConfidence({ ...small, ...options }).fit(training, { classes });
    const { scores, outputs } = await model.score(mixed, { outputs: names });
    expect(outputs.odin!.data).toEqual(scores);
    for (const name of ["odin", "energy"]) {
      expect(auroc(labels, outputs[name]!.data as Float32Array)).toBeGreaterThan(0.6);
    }
    const { parameters, epsilon, score } = model.metadata.training.summary;
    expect(score).toBe("odin");
    expect(epsilonGrid).toContain(epsilon);
    const stored = [...readGraph(model.bytes).initializers.values()];
    const floats = stored.reduce(
      (total, { dtype, data }) => total + (dtype === "float32" ? data.length : 0),
      0,
    );
    // Beside the parameters: running statistics, and the features' Gaussians.
    expect(floats).toBeLessThan(1.2 * (parameters as number) + 2000);
    const one = await model.score(mixed, { batchSize: 1 });
    expect(one.scores).toBeAllClose(scores, { rtol: 1e-4, atol: 1e-4 });
    await model.close();
  });

  it("lets each score decide, and takes the step that it is given", async () => {
    const options = { ...small, network: "perceptron" as const, hidden: [16], score: "energy" as const };
    const fit = (epsilon: number) => classifierConfidence({ ...options, epsilon }).fit(training, { classes });
    const [still, moved] = [await fit(0), await fit(0.05)];
    const [a, b] = [
      await still.score(mixed, { outputs: names }),
      await moved.score(mixed, { outputs: names }),
    ];
    expect(a.outputs.energy!.data).toEqual(a.scores);
    expect(a.scores).toEqual(b.scores);
    const [before, after] = [a.outputs.odin!.data as Float32Array, b.outputs.odin!.data as Float32Array];
    expect(after.filter((value, i) => value < before[i]!).length).toBeGreaterThan(115);
    await Promise.all([still.close(), moved.close()]);
  });

  it("goes on from a checkpoint to the same result", async () => {
    const folder = await mkdtemp(join(tmpdir(), "surprisal-classifier-"));
    const path = join(folder, "state");
    const fit = (epochs: number, extra: object) =>
      classifierConfidence({ ...small, epochs }).fit(training, { classes, ...extra });
    await fit(2, { checkpoint: { path } });
    const [resumed, whole] = [await fit(4, { resume: path }), await fit(4, {})];
    expect((await resumed.score(mixed)).scores).toEqual((await whole.score(mixed)).scores);
    await rm(folder, { recursive: true });
  });
});

describe("the step by held-out normal rows", () => {
  it("is the one with most confidence", async () => {
    const shape = [300, SIZE, SIZE];
    const prepared = {
      data: Float32Array.from(training.data, (value) => value / 255),
      shape,
      width: SIZE * SIZE,
      features: [],
      columns: [],
    };
    const options = classifierConfidenceOptions.parse({ epochs: 3 });
    const { state } = await trainClassifier(
      "test",
      prepared,
      {
        body: { kind: "perceptron", hidden: [16] },
        labels: Uint8Array.from({ length: 300 }, (_, i) => classOf(i)),
        classes: 3,
        training: trainingOf(options),
      },
      { seed: 1, onProgress: () => {} },
    );
    const { epsilon, confidences } = await chooseEpsilon(state, prepared, 1000);
    expect(confidences).toHaveLength(epsilonGrid.length);
    expect(epsilonGrid.indexOf(epsilon as 0)).toBe(confidences.indexOf(Math.max(...confidences)));
    // Small steps go uphill.
    expect(confidences[1]).toBeGreaterThan(confidences[0]!);
    expect(state.standard!.mean[0]).toBeCloseTo(
      prepared.data.reduce((total, value) => total + value / prepared.data.length, 0),
      4,
    );
  });
});

describe("what does not fit", () => {
  it("is refused, naming the option", async () => {
    await expect(classifierConfidence(small).fit(training)).rejects.toThrow("no classes are given");
    await expect(classifierConfidence(small).fit(training, { classes: new Uint8Array(300) })).rejects.toThrow(
      "of one class",
    );
    const table = Array.from({ length: 40 }, (_, i) => [i, (i * 7) % 5]);
    const parity = table.map((_, i) => i % 2);
    await expect(
      classifierConfidence({ network: "resnet18" }).fit(table, { classes: parity }),
    ).rejects.toThrow(/"network" is resnet18.*needs images/);
    const wide = { data: new Float32Array(40 * 1100).fill(0.5), shape: [40, 1100] };
    await expect(
      classifierConfidence({ network: "linear", score: "mahalanobis" }).fit(wide, { classes: parity }),
    ).rejects.toThrow(/"score" is mahalanobis.*1100 features/);
  });
});
