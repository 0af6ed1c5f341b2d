import "@surprisal/engine/testing";
import { constant, input, randomStream, type Tensor } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { loadDataset } from "../../datasets/index.js";
import type { RowShape } from "../../detector/index.js";
import { auroc } from "../../metrics/index.js";
import { asConstants, batchQuantile, parameterCount, untrained } from "../../networks/index.js";
import { contractRows } from "../../testing/contract-rows.js";
import { runGraph } from "../../testing/run-graph.js";
import { quantile } from "../../thresholds/index.js";
import { encode, encoderParameters, svddBody } from "./body.js";
import { contrasted, globalContrast } from "./contrast.js";
import { decode, decoderParameters } from "./decoder.js";
import { deepSvdd } from "./index.js";
import { centreOf, outputSpread, softBoundaryLoss, squaredDistance } from "./model.js";
import { type DeepSvddOptions, deepSvddOptions } from "./options.js";

type Float = Tensor<"float32">;
type Options = NonNullable<Parameters<typeof deepSvdd>[0]>;

const optionsOf = (given: Partial<DeepSvddOptions>) => deepSvddOptions.parse(given);
const imagesOf = (...shape: number[]): RowShape => ({ shape, columns: [] });
const stream = () => randomStream(1, "test");

describe("networks", () => {
  it("have the published numbers of parameters, and no biases", () => {
    const count = (row: RowShape, body: "mnistLenet" | "cifarLenet") => {
      const parameters = encoderParameters(svddBody(row, optionsOf({ body })), stream());
      return parameterCount(parameters as never);
    };
    expect(count(imagesOf(28, 28, 1), "mnistLenet")).toBe(7_272);
    expect(count(imagesOf(32, 32, 3), "cifarLenet")).toBe(520_544);
    const table = svddBody(imagesOf(5), optionsOf({ hidden: [7], latent: 2 }));
    expect(parameterCount(encoderParameters(table, stream()) as never)).toBe(5 * 7 + 7 * 2);
  });

  it.each([
    [imagesOf(28, 28, 1), { body: "mnistLenet" as const }],
    [imagesOf(32, 32, 3), { filters: [4, 5, 6], latent: 32 }],
    [imagesOf(11, 9), { filters: [3, 2], kernel: 3, latent: 5 }],
  ])("go from rows of %o to outputs and back", async (row, options) => {
    const body = svddBody(row, optionsOf(options));
    const layers = (tree: unknown) => asConstants(untrained(tree as never)) as never;
    const x = input("x", [3, body.width]);
    const plain = (_: unknown, map: Float) => map;
    const z = encode(layers(encoderParameters(body, stream())), body, x, plain);
    const back = decode(layers(decoderParameters(body, stream())), body, z, plain);
    expect(z.shape).toEqual([3, body.latent]);
    const result = await runGraph({ z, back }, { x: filled([3, body.width], (i) => Math.abs(Math.sin(i))) });
    expect(result.back.shape).toEqual([3, body.width]);
    expect(Math.min(...(result.back.data as Float32Array))).toBeGreaterThan(0);
    // Without biases a row of zeros has outputs of zeros, which the centre is kept away from.
    const zero = await runGraph({ z }, { x: filled([3, body.width], () => 0) });
    expect(zero.z.data).toBeAllClose(new Float32Array(3 * body.latent));
  });

  it("refuse rows that they are not for", () => {
    const refused = (row: RowShape, options: Partial<DeepSvddOptions>) => () =>
      svddBody(row, optionsOf(options));
    expect(refused(imagesOf(5), { body: "convolutional" })).toThrow(/needs images/);
    expect(refused(imagesOf(32, 32, 3), { body: "mnistLenet" })).toThrow(/images of 28 × 28 × 1/);
    expect(refused(imagesOf(8, 8), { filters: [1, 1, 1, 1] })).toThrow(/halved 4 times/);
  });
});

describe("the equations", () => {
  it("are those of the soft boundary, the squared distance and the quantile", async () => {
    const d = [1, 4, 9, 16];
    const distances = input("d", [4]);
    const z = input("z", [2, 2]);
    const result = await runGraph(
      {
        loss: softBoundaryLoss(distances, constant([2], []), 0.5),
        quantile: batchQuantile(distances, 0.9),
        middle: batchQuantile(distances, 1 / 3),
        squared: squaredDistance(z, Float32Array.of(1, -1)),
      },
      { d: filled([4], (i) => d[i]!), z: filled([2, 2], (i) => i) },
    );
    expect(result.loss).toBeAllClose(4 + ((9 - 4 + (16 - 4)) / 4) * 2);
    expect(result.quantile).toBeAllClose(quantile(d, 0.9));
    expect(result.middle).toBeAllClose(4);
    expect(result.squared).toBeAllClose([1 + 4, 1 + 16]);
  });

  it("keep the centre away from 0 and tell how far outputs lie apart", () => {
    const outputs = Float32Array.of(0.5, 0.01, -0.02, 1.5, 0.03, -0.04);
    const centre = centreOf(outputs, 3);
    expect(centre).toBeAllClose([1, 0.1, -0.1]);
    expect(outputSpread(outputs, centre)).toBeCloseTo(Math.sqrt((0.25 + 1e-4 + 1e-4) / 1.02), 5);
    expect(outputSpread(Float32Array.of(1, 2, 1, 2), Float32Array.of(1, 2))).toBe(0);
  });

  it("bring every image to one contrast, whatever its light", async () => {
    const x = input("x", [3, 4]);
    const values = [0, 1, 2, 5, 10, 12, 14, 20, 7, 7, 7, 7];
    const range = { low: -1, high: 3 };
    const { plain, moved } = await runGraph(
      { plain: globalContrast(x), moved: contrasted(x, range) },
      { x: filled([3, 4], (i) => values[i]!) },
    );
    const first = [-2, -1, 0, 3].map((value) => value / 1.5);
    expect(plain).toBeAllClose(
      [...first, ...first, 0, 0, 0, 0].map((v, i) => (i > 3 && i < 8 ? [-4, -2, 0, 6][i - 4]! / 3 : v)),
    );
    expect((moved.data as Float32Array).slice(0, 4)).toBeAllClose(first.map((value) => (value + 1) / 4));
  });
});

describe("deep-svdd of a table", () => {
  const rows = contractRows(300, "training");
  const settings: Options = { seed: 1, latent: 4, hidden: [16], pretrainingEpochs: 10, epochs: 30 };

  it("has a sphere that holds all but a share ν of the rows, and both scores", async () => {
    for (const objective of ["oneClass", "softBoundary"] as const) {
      const model = await deepSvdd({ ...settings, objective, nu: 0.2, calibration: 0 }).fit(rows);
      const { scores, outputs } = await model.score(rows, {
        outputs: ["squared_distance", "boundary_excess", "code"],
      });
      const { summary } = model.metadata.training;
      const radius = Number(summary.radius);
      expect(outputs.boundary_excess!.data).toBeAllClose(
        outputs.squared_distance!.data.map((d) => d - radius ** 2),
        { atol: 1e-4 },
      );
      expect(scores).toEqual(
        outputs[objective === "oneClass" ? "squared_distance" : "boundary_excess"]!.data,
      );
      const outside = outputs.boundary_excess!.data.filter((excess) => excess > 0).length;
      expect(outside / 300).toBeCloseTo(0.2, 2);
      expect(outputs.code!.shape).toEqual([300, 4]);
      expect(Number(summary.outputSpread)).toBeLessThan(Number(summary.outputSpreadBefore));
    }
  });

  it("keeps the network before training on request, which 0 epochs leave as it is", async () => {
    const outputs = ["pretrained_distance", "pretrained_code", "code"];
    const kept = await deepSvdd({ ...settings, keepPretrained: true }).fit(rows);
    const idle = await deepSvdd({ ...settings, epochs: 0 }).fit(rows);
    const [a, b] = [await kept.score(rows, { outputs }), await idle.score(rows, { outputs: ["code"] })];
    expect(a.outputs.pretrained_distance!.data).toBeAllClose(b.scores, { rtol: 1e-4, atol: 1e-5 });
    expect(a.outputs.pretrained_code!.data).toBeAllClose(b.outputs.code!.data, { rtol: 1e-4, atol: 1e-5 });
    expect(a.outputs.code!.data).not.toEqual(b.outputs.code!.data);
  });

  it("says so where training maps all rows to one point", async () => {
    const collapsing = deepSvdd({ ...settings, epochs: 300, learningRate: 1e-2, weightDecay: 1e6 });
    await expect(collapsing.fit(rows)).rejects.toThrow(/mapped all rows to one point/);
  });
});

describe("deep-svdd of images", () => {
  it("ranks clothes of other kinds above those it learned, better than its untrained copy", async () => {
    const dataset = await loadDataset("fashion-mnist-sample");
    if (dataset.kind !== "image") throw new Error("the sample holds images");
    const kinds = Array.from(dataset.y.keys());
    const take = (chosen: readonly number[]) => {
      const data = new Uint8Array(chosen.length * 784);
      chosen.forEach((row, i) => {
        data.set((dataset.X.data as Uint8Array).subarray(row * 784, (row + 1) * 784), i * 784);
      });
      return { data, shape: [chosen.length, 28, 28, 1] };
    };
    const shoes = kinds.filter((i) => dataset.y[i] === 7);
    const training = shoes.slice(0, Math.floor(shoes.length / 2));
    const test = [...shoes.slice(training.length), ...kinds.filter((i) => dataset.y[i] !== 7).slice(0, 100)];
    const labels = test.map((i) => Number(dataset.y[i] !== 7));
    const quality = async (options: Options) => {
      const model = await deepSvdd({ seed: 1, body: "mnistLenet", calibration: 0, ...options }).fit(
        take(training),
      );
      expect(model.metadata.training.summary.parameters).toBe(7_272);
      return auroc(labels, (await model.score(take(test))).scores);
    };
    const before = await quality({ pretrainingEpochs: 0, epochs: 0 });
    const after = await quality({ pretrainingEpochs: 10, epochs: 10, learningRate: 1e-3, batchSize: 16 });
    expect(after).toBeGreaterThan(before);
    expect(after).toBeGreaterThan(0.8);
  });
});
