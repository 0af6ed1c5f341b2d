import "@surprisal/engine/testing";
import { input, mean, square, type Tensor, train } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { runGraph } from "../testing/run-graph.js";
import { type BatchNorm, batchNorm, batchNormParameters, batchNormTraining } from "./batch-norm.js";
import { asConstants, untrained } from "./parameters.js";

type Float = Tensor<"float32">;

const values = filled([4, 2, 3], (i) => Math.sin(3 * i) + (i % 6 < 3 ? 2 : 0));

/** Mean and variance of a channel of `values`, over rows and positions. */
function statistics(channel: number): { mean: number; biased: number; unbiased: number } {
  const seen = Array.from(values.data as ArrayLike<number>).filter(
    (_, i) => Math.floor(i / 3) % 2 === channel,
  );
  const mean = seen.reduce((a, b) => a + b, 0) / 12;
  const squares = seen.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, biased: squares / 12, unbiased: squares / 11 };
}

describe("batch normalisation", () => {
  it("normalises by the batch in training and gives the next running statistics", async () => {
    const parameters = asConstants(untrained(batchNormParameters(2, { affine: false }))) as BatchNorm<Float>;
    const { output, state } = batchNormTraining(parameters, input("x", [4, 2, 3]), {
      epsilon: 1e-4,
      momentum: 0.25,
    });
    expect(state.map(([parameter]) => parameter)).toEqual([parameters.mean, parameters.variance]);
    const result = await runGraph({ output, mean: state[0]![1], variance: state[1]![1] }, { x: values });
    const expected = [statistics(0), statistics(1)];
    expect(result.mean).toBeAllClose(expected.map(({ mean }) => 0.25 * mean));
    expect(result.variance).toBeAllClose(expected.map(({ unbiased }) => 0.75 + 0.25 * unbiased));
    expect(result.output).toBeAllClose(
      Array.from(values.data as ArrayLike<number>, (value, i) => {
        const { mean, biased } = expected[Math.floor(i / 3) % 2]!;
        return (value - mean) / Math.sqrt(biased + 1e-4);
      }),
      { atol: 1e-5 },
    );
  });

  it("keeps its running statistics through training, for scoring", async () => {
    const result = await train(
      {
        parameters: batchNormParameters(2),
        data: { x: { data: values.data as Float32Array, shape: [4, 2, 3] } },
        loss: ({ parameters, batch }) => {
          const { output, state } = batchNormTraining(parameters as BatchNorm<Float>, batch.x);
          return { loss: mean(square(output)), state };
        },
      },
      { epochs: 100, batchSize: 4, seed: 1 },
    );
    const kept = result.parameters as unknown as BatchNorm<{ data: Float32Array; shape: number[] }>;
    expect(kept.mean.data).toBeAllClose([statistics(0).mean, statistics(1).mean], { rtol: 1e-3 });
    expect(kept.variance.data).toBeAllClose([statistics(0).unbiased, statistics(1).unbiased], { rtol: 1e-3 });
    // Training moved the affine part towards 0 too, which scoring has to apply.
    const parameters = asConstants(kept) as BatchNorm<Float>;
    const { y } = await runGraph({ y: batchNorm(parameters, input("x", [4, 2, 3])) }, { x: values });
    const scale = kept.affine!.scale.data;
    const bias = kept.affine!.bias.data;
    expect(scale[0]).toBeLessThan(0.95);
    expect(y).toBeAllClose(
      Array.from(values.data as ArrayLike<number>, (value, i) => {
        const channel = Math.floor(i / 3) % 2;
        const deviation = Math.sqrt(kept.variance.data[channel]! + 1e-5);
        return ((value - kept.mean.data[channel]!) / deviation) * scale[channel]! + bias[channel]!;
      }),
      { atol: 1e-5 },
    );
  });
});
