import { randomStream } from "../random/index.js";
import { add, matmul, mean, mul, sub, tanh } from "../tensor/index.js";
import { constantValue, parameter, torchLinear } from "../train/initializers.js";
import type { TrainingProblem } from "../train/problem.js";

/** Small real problems for the tests of training. */
export function linearData(rows: number, weights: readonly number[], bias: number, noise: number, seed = 1) {
  const stream = randomStream(seed, "linear data");
  const width = weights.length;
  const x = new Float32Array(rows * width);
  stream.fillNormal(x);
  const y = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    y[i] = weights.reduce((sum, w, j) => sum + w * x[i * width + j]!, bias + noise * stream.normal());
  }
  return { x: { data: x, shape: [rows, width] }, y: { data: y, shape: [rows, 1] } };
}

export type LinearData = ReturnType<typeof linearData>;

/** Least squares on `linearData`. */
export function linearProblem(data: LinearData) {
  const width = data.x.shape[1]!;
  return {
    parameters: {
      weight: { shape: [width, 1], initial: new Float32Array(width) },
      bias: { shape: [1], initial: new Float32Array(1) },
    },
    data,
    loss({ parameters, batch }) {
      const residual = sub(add(matmul(batch.x, parameters.weight), parameters.bias), batch.y);
      return { loss: mean(mul(residual, residual)), metrics: { bias: mean(residual) } };
    },
  } satisfies TrainingProblem<
    { weight: { shape: number[]; initial: Float32Array }; bias: { shape: number[]; initial: Float32Array } },
    LinearData
  >;
}

/** A small network with noise on its hidden layer: everything that must be reproducible takes part. */
export function noisyProblem(data: LinearData, seed = 3) {
  const width = data.x.shape[1]!;
  const make = (name: string, shape: number[], fanIn?: number) =>
    parameter(shape, fanIn ? torchLinear({ fanIn }) : constantValue(0), { seed, name });
  return {
    parameters: {
      hidden: { weight: make("hidden.weight", [width, 8], width), bias: make("hidden.bias", [8]) },
      output: make("output", [8, 1], 8),
    },
    data,
    noise: { z: { shape: [8], distribution: "normal" as const } },
    scalars: { strength: (step: number, total: number) => 0.2 * (1 - step / total) },
    loss({ parameters, batch, noise, scalars }) {
      const { hidden, output } = parameters;
      const h = tanh(add(matmul(batch.x, hidden.weight), hidden.bias));
      const residual = sub(matmul(add(h, mul(noise.z, scalars.strength)), output), batch.y);
      return { loss: mean(mul(residual, residual)) };
    },
  } satisfies TrainingProblem<
    {
      hidden: { weight: ReturnType<typeof make>; bias: ReturnType<typeof make> };
      output: ReturnType<typeof make>;
    },
    LinearData,
    "z",
    "strength"
  >;
}
