import "@surprisal/engine/testing";
import { input, randomStream } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { loadDataset } from "../../datasets/index.js";
import type { RowShape } from "../../detector/index.js";
import { asConstants, stackMembers, untrained } from "../../networks/index.js";
import { contractRows } from "../../testing/contract-rows.js";
import { runGraph } from "../../testing/run-graph.js";
import { corrupt, corruptionNoise } from "./corruption.js";
import { autoencoder } from "./index.js";

type Options = NonNullable<Parameters<typeof autoencoder>[0]>;

const row: RowShape = {
  shape: [4],
  columns: Array.from({ length: 4 }, (_, i) => ({ name: `x${i}`, kind: "numeric", width: 1 })),
};

const rows = contractRows(300, "training");
const settings: Options = { seed: 1, latent: 2, epochs: 30, batchSize: 64 };

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Loss and its parts of untrained members on four rows, with corruption noise where it is wanted. */
async function losses(options: Options, training: boolean, seeds = [1]) {
  const model = autoencoder({ latent: 2, hidden: [3], ...options }).deep.model!(row);
  const members = seeds.map((seed) => model.parameters(randomStream(seed, "test")));
  const tree = members.length > 1 ? stackMembers(members as never[]) : members[0];
  const parameters = asConstants(untrained(tree as never));
  const shape = members.length > 1 ? [members.length, 4, 4] : [4, 4];
  const noise = model.noise.corruption
    ? { corruption: input("noise", shape) }
    : ({} as Record<string, never>);
  const { loss, metrics } = model.loss({ parameters, x: input("x", [4, 4]), noise, scalars: {}, training });
  const x = filled([4, 4], (i) => Math.abs(Math.sin(i)));
  const isFed = training && model.noise.corruption;
  const feeds = isFed ? { x, noise: filled(shape, (i) => (i % 9) / 9) } : { x };
  return runGraph({ loss, ...metrics } as Record<string, typeof loss>, feeds);
}

describe("corruption", () => {
  const x = [0.5, 0.5, 0.5, 0.5];
  const noise = filled([1, 4], (i) => [0.05, 0.15, 0.25, 0.9][i]!);
  const corrupted = async (kind: "gaussian" | "masking" | "dropout" | "saltAndPepper") => {
    const values = filled([1, 4], (i) => x[i]!);
    const drawn = { corruption: input("noise", [1, 4]) };
    const { y } = await runGraph(
      { y: corrupt(input("x", [1, 4]), drawn, { kind, level: 0.2 }) },
      { x: values, noise },
    );
    return y;
  };

  it("adds noise, or sets values to 0 or 1, as often as its level says", async () => {
    expect(await corrupted("gaussian")).toBeAllClose([0.51, 0.53, 0.55, 0.68]);
    expect(await corrupted("masking")).toBeAllClose([0, 0, 0.5, 0.5]);
    expect(await corrupted("dropout")).toBeAllClose([0, 0, 0.625, 0.625]);
    expect(await corrupted("saltAndPepper")).toBeAllClose([1, 0, 0.5, 0.5]);
    expect(corruptionNoise({ kind: "none", level: 0.2 }, 4)).toEqual({});
    expect(corruptionNoise({ kind: "masking", level: 0.2 }, 4).corruption!.distribution).toBe("uniform");
  });

  it("is for training alone, and does not change what is to be restored", async () => {
    const plain = await losses({}, true);
    const held = await losses({ noise: "masking", noiseLevel: 0.5 }, false);
    const denoising = await losses({ noise: "masking", noiseLevel: 0.5 }, true);
    expect(held.loss!.data).toEqual(plain.loss!.data);
    expect(denoising.loss!.data).not.toEqual(plain.loss!.data);
  });
});

describe("the loss", () => {
  it("is the error summed over features and averaged over rows, with the penalty of the code", async () => {
    const plain = await losses({}, true);
    expect(plain.loss!.data).toEqual(plain.reconstruction!.data);
    for (const sparsity of ["l1", "kl"] as const) {
      const {
        loss,
        reconstruction,
        sparsity: penalty,
      } = await losses({ sparsity, sparsityWeight: 0.5 }, true);
      expect(Number(penalty!.data[0])).toBeGreaterThan(0);
      const expected = Number(reconstruction!.data[0]) + 0.5 * Number(penalty!.data[0]);
      expect(loss).toBeAllClose(expected);
    }
  });

  it.each<Options>([{}, { sparsity: "kl", noise: "gaussian" }, { loss: "bernoulli", sparsity: "l1" }])(
    "gives stacked members what each has alone: %o",
    async (options) => {
      const together = await losses({ ...options, noiseLevel: 1e-9 }, true, [1, 2, 3]);
      expect(together.loss!.shape).toEqual([3]);
      for (const seed of [1, 2, 3]) {
        const alone = await losses({ ...options, noiseLevel: 1e-9 }, true, [seed]);
        expect(together.loss!.data[seed - 1]).toBeCloseTo(Number(alone.loss!.data[0]), 4);
      }
    },
  );
});

describe("autoencoder of a table", () => {
  it("has two scores that rank alike, whose parts add up", async () => {
    const squared = await autoencoder(settings).fit(rows);
    const norm = await autoencoder({ ...settings, score: "l2" }).fit(rows);
    const outputs = ["contribution", "reconstruction_error", "l2_error", "reconstruction", "code"];
    const [a, b] = await Promise.all([squared, norm].map((model) => model.score(rows, { outputs })));
    expect(a!.scores).toBeAllClose(
      b!.scores.map((value) => value ** 2),
      { rtol: 1e-4 },
    );
    expect(b!.outputs.l2_error!.data).toEqual(b!.scores);
    for (const { scores, outputs } of [a!, b!]) {
      const parts = scores.map((_, i) => sum(outputs.contribution!.data.slice(5 * i, 5 * i + 5)));
      expect(parts).toBeAllClose(scores, { rtol: 1e-4, atol: 1e-6 });
    }
    expect(a!.outputs.code!.shape).toEqual([300, 2]);
  });

  it("has smaller codes with an L1 penalty, and rarely active ones with a divergence", async () => {
    const codes = async (options: Options) => {
      const model = await autoencoder({ ...settings, ...options }).fit(rows);
      const { outputs } = await model.score(rows, { outputs: ["code"] });
      return outputs.code!.data;
    };
    const size = (code: Float32Array) => sum(code.map(Math.abs)) / code.length;
    const plain = await codes({});
    expect(size(await codes({ sparsity: "l1", sparsityWeight: 0.5 }))).toBeLessThan(0.5 * size(plain));
    const rare = await codes({ sparsity: "kl", sparsityWeight: 5, sparsityTarget: 0.1, epochs: 80 });
    expect(Math.min(...rare)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(size(rare) - 0.1)).toBeLessThan(0.1);
  });
});

describe("learned noise of the code", () => {
  it("is for training alone, and scaled by the second head", async () => {
    const shape: Options = { codeNoise: "learned", latent: 2, hidden: [3] };
    const model = autoencoder(shape).deep.model!(row);
    expect(model.noise.code).toEqual({ shape: [2], distribution: "normal" });
    const parameters = asConstants(untrained(model.parameters(randomStream(1, "test")) as never));
    const lossOf = async (training: boolean, scale: number) => {
      const { loss } = model.loss({
        parameters,
        x: input("x", [4, 4]),
        noise: { code: input("noise", [4, 2]) },
        scalars: {},
        training,
      });
      const x = filled([4, 4], (i) => Math.abs(Math.sin(i)));
      const feeds = training ? { x, noise: filled([4, 2], (i) => scale * Math.cos(i)) } : { x };
      return Number((await runGraph({ loss }, feeds)).loss.data[0]);
    };
    expect(await lossOf(true, 0)).toBeCloseTo(await lossOf(false, 0), 5);
    expect(Math.abs((await lossOf(true, 3)) - (await lossOf(true, 0)))).toBeGreaterThan(1e-3);
    const fitted = await autoencoder({ ...settings, codeNoise: "learned" }).fit(rows);
    const { outputs } = await fitted.score(rows, { outputs: ["code"] });
    expect(outputs.code!.shape).toEqual([300, 2]);
    expect((await fitted.score(rows)).scores).toEqual((await fitted.score(rows)).scores);
  });
});

describe("autoencoder of images", () => {
  it("restores clothes better than its untrained copy, by convolutions and with noise in training", async () => {
    const dataset = await loadDataset("fashion-mnist-sample");
    if (dataset.kind !== "image") throw new Error("the sample holds images");
    const X = { data: (dataset.X.data as Uint8Array).slice(0, 200 * 784), shape: [200, 28, 28, 1] };
    const options: Options = {
      body: "convolutional",
      filters: [4, 8],
      noise: "saltAndPepper",
      batchSize: 32,
      learningRate: 3e-3,
      seed: 1,
    };
    const model = await autoencoder({ ...options, epochs: 8 }).fit(X);
    const idle = await autoencoder({ ...options, epochs: 1, learningRate: 1e-9 }).fit(X);
    const { scores, outputs } = await model.score(X, { outputs: ["reconstruction"] });
    expect(sum(scores)).toBeLessThan(0.7 * sum((await idle.score(X)).scores));
    expect(outputs.reconstruction!.shape).toEqual([200, 28, 28, 1]);
    expect(model.metadata.training.summary.loss).toBe("bernoulli");
  });

  it("restores colours by CLAD's network, whose running statistics score", async () => {
    const stream = randomStream(3, "tiles");
    const X = { data: new Float32Array(64 * 192), shape: [64, 8, 8, 3] };
    X.data.forEach((_, i) => {
      X.data[i] = 0.5 + 0.4 * Math.sin(Math.floor(i / 192) + (i % 3)) + 0.05 * stream.uniform();
    });
    const options: Options = {
      body: "clad",
      depth: 4,
      latent: 3,
      loss: "squaredError",
      output: "sigmoid",
      noise: "dropout",
      batchSize: 16,
      calibration: 0,
    };
    const model = await autoencoder({ ...options, epochs: 40 }).fit(X);
    const { scores, outputs } = await model.score(X, { outputs: ["reconstruction"] });
    const one = await model.score(X, { batchSize: 1 });
    expect(one.scores).toBeAllClose(scores, { rtol: 1e-3, atol: 1e-4 });
    expect(Math.max(...outputs.reconstruction!.data)).toBeLessThanOrEqual(1);
    // The tiles differ from their mean by 0.08 a value.
    expect(sum(scores) / scores.length / 192).toBeLessThan(0.02);
  });

  it("must keep a part of the values", async () => {
    const detector = autoencoder({ ...settings, noise: "dropout", noiseLevel: 1 });
    await expect(detector.fit(rows)).rejects.toThrow('option "noiseLevel" is 1');
  });
});
