import "@surprisal/engine/testing";
import { readFileSync } from "node:fs";
import { input, randomStream, type Tensor, type TrainedParameter } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../testing/run-graph.js";
import { asConstants, untrained } from "../parameters.js";
import { classifierParameters, classify } from "./index.js";
import type { Normalized } from "./normalized.js";
import type { ResNet } from "./resnet.js";

type Float = Tensor<"float32">;

interface Said {
  readonly logits: readonly number[];
  readonly features: readonly number[];
}

const url = new URL("../../../src/networks/classifiers/fixtures/resnet.json", import.meta.url);
const expected = JSON.parse(readFileSync(url, "utf8")) as {
  readonly training: Said;
  readonly inference: Said;
  readonly means: readonly number[];
  readonly variances: readonly number[];
};
const body = { kind: "resnet18", width: 4, stem: "published" } as const;
const row = [20, 20, 2];

const wave = (count: number, start: number, size: number) =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(1.3 * i + start));

/** The weights of benchmarks/fixtures/resnet.py. */
function waves(): ResNet<TrainedParameter> {
  const tree = untrained(
    classifierParameters(body, row, 3, randomStream(0, "p")) as never,
  ) as unknown as ResNet<TrainedParameter>;
  let number = 0;
  const layer = ({ weight, norm }: Normalized<TrainedParameter>): Normalized<TrainedParameter> => {
    number += 1;
    const fan = weight.shape.slice(1).reduce((a, b) => a * b, 1);
    const { scale, bias } = norm.affine!;
    return {
      weight: { ...weight, data: wave(weight.data.length, number, 2 / Math.sqrt(fan)) },
      norm: {
        ...norm,
        affine: {
          scale: { ...scale, data: wave(scale.data.length, number, 0.3).map((value) => 1 + value) },
          bias: { ...bias, data: wave(bias.data.length, -number, 0.2) },
        },
      },
    };
  };
  const { weight, bias } = tree.output;
  return {
    stem: layer(tree.stem),
    blocks: tree.blocks.map(({ first, second, shortcut }) => ({
      first: layer(first),
      second: layer(second),
      ...(shortcut && { shortcut: layer(shortcut) }),
    })),
    output: {
      weight: { ...weight, data: wave(weight.data.length, 0, 0.5) },
      bias: { ...bias, data: wave(3, 1, 1) },
    },
  };
}

const data = wave(5 * 800, 0.5, 1);
const x = { x: { dtype: "float32" as const, shape: [5, ...row], data } };
const tolerance = { rtol: 2e-4, atol: 2e-4 };

describe("ResNet-18", () => {
  it("is PyTorch's in training and, with the running statistics it came to, in inference", async () => {
    const parameters = waves();
    const tensors = asConstants(parameters as never) as unknown as ResNet<Float>;
    const trained = classify(tensors, body, row, input("x", [5, ...row]), "training");
    const updates = Object.fromEntries(trained.state.map(([, next], i) => [`state${i}`, next]));
    const result = await runGraph({ logits: trained.logits, features: trained.features, ...updates }, x);
    expect(result.logits).toBeAllClose(expected.training.logits, tolerance);
    expect(result.features).toBeAllClose(expected.training.features, tolerance);
    // Of each batch norm the mean, then the variance.
    const states = trained.state.map((_, i) => [...(result[`state${i}` as "logits"].data as Float32Array)]);
    expect(states.filter((_, i) => i % 2 === 0).flat()).toBeAllClose(expected.means, tolerance);
    expect(states.filter((_, i) => i % 2 === 1).flat()).toBeAllClose(expected.variances, tolerance);

    const next = new Map(trained.state.map(([running], i) => [running, Float32Array.from(states[i]!)]));
    const layer = (of: Normalized<TrainedParameter>, from: Normalized<Float>) => ({
      ...of,
      norm: {
        ...of.norm,
        mean: { ...of.norm.mean, data: next.get(from.norm.mean)! },
        variance: { ...of.norm.variance, data: next.get(from.norm.variance)! },
      },
    });
    const moved: ResNet<TrainedParameter> = {
      stem: layer(parameters.stem, tensors.stem),
      blocks: parameters.blocks.map((block, i) => ({
        first: layer(block.first, tensors.blocks[i]!.first),
        second: layer(block.second, tensors.blocks[i]!.second),
        ...(block.shortcut && { shortcut: layer(block.shortcut, tensors.blocks[i]!.shortcut!) }),
      })),
      output: parameters.output,
    };
    const constants = asConstants(moved as never) as unknown as ResNet<Float>;
    const said = classify(constants, body, row, input("x", [5, ...row]), "inference");
    const inference = await runGraph({ logits: said.logits, features: said.features }, x);
    expect(inference.logits).toBeAllClose(expected.inference.logits, tolerance);
    expect(inference.features).toBeAllClose(expected.inference.features, tolerance);
  });
});
