import "@surprisal/engine/testing";
import { input, randomStream, symbol } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../testing/run-graph.js";
import { denseParameters, perceptron } from "../dense.js";
import { asConstants, parameterCount, stackMembers, untrained } from "../parameters.js";
import { posterior, posteriorParameters } from "../posterior.js";
import type { StateUpdates } from "./block.js";
import type { DecoderBody, DenseBody, EncoderBody } from "./body.js";
import { choiBodies } from "./choi.js";
import { cladBodies } from "./clad.js";
import { convolutionalBodies } from "./convolutional.js";
import { decoderHeads, decoderParameters } from "./decoder.js";
import { encoderFeatures, encoderParameters, encoderWidth } from "./encoder.js";

const stream = () => randomStream(1, "test");

/** Parameters of an encoder with its two heads, and of a decoder with one head. */
function counts(encoder: EncoderBody, decoder: DecoderBody, width: number, latent: number) {
  const shape = { latent, scale: "logVariance" } as const;
  const heads = posteriorParameters(shape, encoderWidth(encoder, width), stream());
  return {
    encoder: parameterCount(encoderParameters(encoder, width, stream())) + parameterCount(heads),
    decoder: parameterCount(decoderParameters(decoder, latent, [width], stream())),
  };
}

describe("numbers of parameters", () => {
  it("are the published ones", () => {
    const dense: DenseBody = { kind: "dense", hidden: [], activation: "relu" };
    const notebook = counts(dense, dense, 784, 50);
    expect(notebook).toEqual({ encoder: 78_500, decoder: 39_984 });
    expect(notebook.encoder + notebook.decoder).toBe(118_484);
    const trained = convolutionalBodies([28, 28, 1]);
    expect(counts(trained.encoder, trained.decoder, 784, 3)).toEqual({ encoder: 69_110, decoder: 68_225 });
    expect(counts(trained.encoder, trained.decoder, 784, 2)).toEqual({ encoder: 69_076, decoder: 65_089 });
    const choi = choiBodies([28, 28, 1]);
    expect(counts(choi.encoder, choi.decoder, 784, 16)).toEqual({ encoder: 383_040, decoder: 358_465 });
    const small = cladBodies([28, 28, 1]);
    expect(counts(small.encoder, small.decoder, 784, 10)).toEqual({ encoder: 413_684, decoder: 410_433 });
    // 644,784 of the convolutions, 1,344 of their normalisation, 6,291,968 and 205,200 of the dense layers.
    const large = cladBodies([32, 32, 3]);
    const published = { encoder: 7_143_296, decoder: 7_213_491 };
    expect(counts(large.encoder, large.decoder, 3072, 200)).toEqual(published);
  });
});

const images = {
  "28 × 28": [28, 28, 1],
  "32 × 32 in colour": [32, 32, 3],
} as const;

describe.each(Object.entries(images))("networks of images of %s", (_, image) => {
  it.each(["choi", "clad", "convolutional"] as const)("%s: from image to code and back", async (name) => {
    const width = image[0] * image[1] * image[2];
    const latent = 4;
    const bodies = {
      choi: () => choiBodies(image, { latent, depth: 4 }),
      clad: () => cladBodies(image, { depth: 2 }),
      convolutional: () => convolutionalBodies(image, { filters: [4, 8] }),
    };
    const { encoder, decoder } = bodies[name]();
    const down = asConstants(untrained(encoderParameters(encoder, width, stream())));
    const up = asConstants(untrained(decoderParameters(decoder, latent, [width, width], stream())));
    const x = input("x", [symbol("N"), width]);
    const z = input("z", [symbol("N"), latent]);
    const [first, second] = decoderHeads(up, decoder, [width, width], z);
    const run = (count: number) =>
      runGraph(
        { features: encoderFeatures(down, encoder, x), first: first!, second: second! },
        {
          x: filled([count, width], (i) => Math.abs(Math.sin(i))),
          z: filled([count, latent], (i) => Math.cos(i)),
        },
      );
    const [two, one] = [await run(2), await run(1)];
    expect(two.features.shape).toEqual([2, encoderWidth(encoder, width)]);
    expect(two.first.shape).toEqual([2, width]);
    expect(two.second.shape).toEqual([2, width]);
    expect(two.first.data).not.toEqual(two.second.data);
    expect((two.features.data as Float32Array).slice(0, encoderWidth(encoder, width))).toBeAllClose(
      one.features,
      { atol: 1e-5 },
    );
  });
});

describe("convolutional bodies", () => {
  it("crop what strides make too large", async () => {
    const { encoder, decoder } = convolutionalBodies([9, 7, 2], { filters: [3, 4] });
    const up = asConstants(untrained(decoderParameters(decoder, 2, [126], stream())));
    const [head] = decoderHeads(up, decoder, [126], input("z", [1, 2]));
    expect(head!.shape).toEqual([1, 126]);
    expect(parameterCount(encoderParameters(encoder, 126, stream()))).toBeGreaterThan(0);
  });

  it("keep the place and channel of a value", async () => {
    // One 1 × 1 convolution with the identity as kernel gives each pixel's channels back.
    const image = [2, 3, 2] as const;
    const decoder = {
      kind: "convolutional",
      image,
      dense: [],
      start: image,
      layers: [],
      output: { kind: "convolution", kernel: 1 },
      activation: "relu",
    } as const;
    const parameters = decoderParameters(decoder, 12, [12], stream());
    parameters.convolutions[0]!.kernel.initial.set([1, 0, 0, 1]);
    const z = input("z", [1, 12]);
    const [head] = decoderHeads(asConstants(untrained(parameters)), decoder, [12], z);
    const values = filled([1, 12], (i) => i - 4);
    const { head: result } = await runGraph({ head: head! }, { z: values });
    expect(result).toBeAllClose(values);
  });

  it("refuse rows, heads and images that do not fit", () => {
    const { encoder, decoder } = convolutionalBodies([28, 28, 1]);
    expect(() => encoderParameters(encoder, 700, stream())).toThrow("not images of 28 × 28 × 1");
    expect(() => decoderParameters(decoder, 3, [700], stream())).toThrow("not an image of 28 × 28");
    expect(() => decoderParameters({ ...decoder, dense: [9] }, 3, [784], stream())).toThrow("map of 7 × 7");
    expect(() => choiBodies([20, 20, 1])).toThrow("multiples of 4");
    expect(() => cladBodies([30, 28, 1])).toThrow("multiples of 4");
    expect(() => convolutionalBodies([28, 28, 1], { strides: [2] })).toThrow("as many strides");
  });
});

describe("pooling and batch normalisation", () => {
  const body: EncoderBody = {
    kind: "convolutional",
    image: [4, 5, 1],
    centred: false,
    layers: [{ kind: "convolution", filters: 1, kernel: 1, pool: 2 }],
    dense: [],
    activation: "relu",
    batchNorm: true,
  };
  const parameters = encoderParameters(body, 20, stream());
  parameters.convolutions[0]!.kernel.initial.set([1]);
  const x = filled([1, 20], (i) => i - 5);

  it("take the largest of whole windows", async () => {
    expect(encoderWidth(body, 20)).toBe(4);
    const features = encoderFeatures(asConstants(untrained(parameters)), body, input("x", [1, 20]));
    // Rows 0 and 1 hold -5 to 4, rows 2 and 3 hold 5 to 14; the fifth column fills no window.
    const { result } = await runGraph({ result: features }, { x });
    expect(result).toBeAllClose([1, 3, 11, 13], { rtol: 1e-4 });
  });

  it("normalise a batch by itself in training, and keep what it was", async () => {
    const updates: StateUpdates = [];
    const tensors = asConstants(untrained(parameters));
    const features = encoderFeatures(tensors, body, input("x", [1, 20]), updates);
    expect(updates.map(([running]) => running)).toEqual([
      tensors.norms![0]!.mean,
      tensors.norms![0]!.variance,
    ]);
    const { result, mean, variance } = await runGraph(
      { result: features, mean: updates[0]![1], variance: updates[1]![1] },
      { x },
    );
    // The values -5 to 14: mean 4.5, variance 33.25, unbiased 35.
    const normal = [1, 3, 11, 13].map((value) => Math.max(0, (value - 4.5) / Math.sqrt(33.25)));
    expect(result).toBeAllClose(normal, { rtol: 1e-4, atol: 1e-6 });
    expect(mean.data[0]).toBeCloseTo(0.45, 5);
    expect(variance.data[0]).toBeCloseTo(0.9 + 3.5, 4);
  });
});

describe("the leading axis of members", () => {
  it("gives each member what it gives alone", async () => {
    const body: DenseBody = { kind: "dense", hidden: [5, 4], activation: "elu" };
    const scale = { latent: 2, scale: "softplus" } as const;
    const member = (m: number) => {
      const own = randomStream(m, "test");
      return {
        encoder: encoderParameters(body, 3, own),
        posterior: posteriorParameters(scale, 4, own),
        decoder: decoderParameters(body, 2, [3], own),
      };
    };
    const members = [member(1), member(2), member(3)];
    const x = input("x", [symbol("N"), 3]);
    const code = (net: ReturnType<typeof member>) => {
      const tensors = asConstants(untrained(net));
      const q = posterior(tensors.posterior, scale, encoderFeatures(tensors.encoder, body, x));
      const [head] = decoderHeads(tensors.decoder, body, [3], q.mean);
      return { mean: q.mean, logVariance: q.logVariance, head: head! };
    };
    const feeds = { x: filled([4, 3], (i) => Math.sin(i)) };
    const together = await runGraph(code(stackMembers(members)), feeds);
    expect(together.head.shape).toEqual([3, 4, 3]);
    for (const [m, net] of members.entries()) {
      const alone = await runGraph(code(net), feeds);
      for (const name of ["mean", "logVariance", "head"] as const) {
        const size = alone[name].data.length;
        expect((together[name].data as Float32Array).slice(m * size, (m + 1) * size)).toBeAllClose(
          alone[name].data as Float32Array,
        );
      }
    }
  });

  it("leaves a network without members as it was", async () => {
    const layer = denseParameters(2, 2, stream());
    const x = input("x", [1, 2]);
    const y = perceptron([asConstants(untrained(layer))], "relu", x);
    expect(y.shape).toEqual([1, 2]);
    expect(() => stackMembers([])).toThrow("at least one member");
  });
});

describe("posterior", () => {
  it("has deviation 1 at a raw scale of 0, and heads at least 0 where they are rectified", async () => {
    const parameters = posteriorParameters({ latent: 2, scale: "softplus" }, 3, stream());
    const zero = {
      ...parameters,
      scale: { ...parameters.scale, weight: { shape: [3, 2], initial: new Float32Array(6) } },
    };
    const features = input("x", [4, 3]);
    const x = filled([4, 3], (i) => Math.sin(3 * i));
    const unit = posterior(asConstants(untrained(zero)), { latent: 2, scale: "softplus" }, features);
    const rectified = posterior(
      asConstants(untrained(parameters)),
      { latent: 2, scale: "logVariance", rectified: true },
      features,
    );
    const result = await runGraph(
      { unit: unit.logVariance, mean: rectified.mean, logVariance: rectified.logVariance },
      { x },
    );
    expect(result.unit.data).toBeAllClose(new Float32Array(8), { atol: 1e-5 });
    for (const values of [result.mean.data, result.logVariance.data] as Float32Array[]) {
      expect(Math.min(...values)).toBe(0);
      expect(Math.max(...values)).toBeGreaterThan(0);
    }
  });
});
