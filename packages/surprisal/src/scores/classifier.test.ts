import "@surprisal/engine/testing";
import {
  constant,
  grad,
  input,
  logSumExp,
  matmul,
  max,
  mul,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { fitClassGaussians } from "../classification/index.js";
import { runGraph } from "../testing/run-graph.js";
import { classMahalanobis, energy, maximumLogit, maximumSoftmax, odin, odinInput } from "./index.js";

type Float = Tensor<"float32">;

const logits = [
  [2, -1, 0.5, 0],
  [0, 0, 0, 0],
  [50, -20, 3, 1],
  [-300, 400, 0, 10],
  [1, 1, -5, 0],
];
const feed = { f: { dtype: "float32" as const, shape: [5, 4], data: Float32Array.from(logits.flat()) } };
const f = () => input("f", [5, 4]);

/** log(1 / S - 1) with S = max softmax(f / T), in double precision. */
function logOdds(row: readonly number[], temperature: number): number {
  const top = row.indexOf(Math.max(...row));
  const others = row.filter((_, c) => c !== top).map((value) => (value - row[top]!) / temperature);
  const nearest = Math.max(...others);
  return nearest + Math.log(others.reduce((total, value) => total + Math.exp(value - nearest), 0));
}

describe("maximum softmax", () => {
  it.each([0.1, 1, 10, 1000])("is the odds against the chosen class, T = %d", async (temperature) => {
    const { y } = await runGraph({ y: maximumSoftmax(f(), temperature) }, feed);
    const expected = logits.map((row) => temperature * (logOdds(row, temperature) - Math.log(3)));
    expect(y).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-4 });
  });

  it("tells apart what the probability in single precision does not", async () => {
    // Rows that differ by a hundredth of a logit, nearly certain ones first.
    const rows = [0, 0.01, 0.02].flatMap((extra) => [30 + extra, 0, 1, 2]);
    const close = { f: { dtype: "float32" as const, shape: [3, 4], data: Float32Array.from(rows) } };
    for (const temperature of [1, 1000, 1e5]) {
      const { y } = await runGraph({ y: maximumSoftmax(input("f", [3, 4]), temperature) }, close);
      const values = Array.from(y.data as Float32Array);
      expect(values[0]! - values[1]!).toBeCloseTo(0.01, 4);
      expect(values[1]! - values[2]!).toBeCloseTo(0.01, 4);
    }
  });

  it("is 0 where all classes are alike likely, and the difference of logits of two classes", async () => {
    const two = input("f", [2, 2]);
    const data = Float32Array.of(3, 1, -2, 5);
    const { y } = await runGraph(
      { y: maximumSoftmax(two, 7) },
      { f: { dtype: "float32", shape: [2, 2], data } },
    );
    expect(y).toBeAllClose([-2, -7]);
  });
});

describe("energy and maximum logit", () => {
  it("are as defined", async () => {
    const result = await runGraph({ one: energy(f()), ten: energy(f(), 10), top: maximumLogit(f()) }, feed);
    const expected = (temperature: number) =>
      logits.map((row) => {
        const top = Math.max(...row);
        const total = row.reduce((sum, value) => sum + Math.exp((value - top) / temperature), 0);
        return -(top + temperature * Math.log(total));
      });
    expect(result.one).toBeAllClose(expected(1), { rtol: 1e-6 });
    expect(result.ten).toBeAllClose(expected(10), { rtol: 1e-6 });
    expect(result.top).toBeAllClose([-2, 0, -50, -400, -1]);
  });
});

describe("ODIN", () => {
  const weights = filled([6, 8], (i) => Math.sin(2 * i + 1)).data as Float32Array;
  const last = filled([8, 3], (i) => Math.cos(3 * i)).data as Float32Array;
  const network = (x: Float) =>
    matmul(tanh(matmul(x, constant(weights, [6, 8]))), constant(last, [8, 3])) as Float;
  const rows = filled([4, 6], (i) => Math.sin(5 * i) / 2);
  const values = rows.data as Float32Array;

  /** The network and the cross-entropy with its own class, in double precision. */
  function crossEntropy(row: readonly number[], temperature: number, preferred?: number) {
    const hidden = Array.from({ length: 8 }, (_, k) =>
      Math.tanh(row.reduce((total, value, j) => total + value * weights[8 * j + k]!, 0)),
    );
    const out = [0, 1, 2].map((c) => hidden.reduce((total, h, k) => total + h * last[3 * k + c]!, 0));
    const own = preferred ?? out.indexOf(Math.max(...out));
    const total = out.reduce((sum, value) => sum + Math.exp(value / temperature), 0);
    return { own, loss: Math.log(total) - out[own]! / temperature };
  }

  it.each([1, 1000])("moves inputs against the gradient by differences, T = %d", async (temperature) => {
    const x = input("x", [4, 6]);
    const epsilon = 0.01;
    const { moved } = await runGraph(
      { moved: odinInput(x, network(x), { temperature, epsilon }) },
      { x: rows },
    );
    const expected = Array.from(values, (value, at) => {
      const row = Array.from(values.subarray(6 * Math.floor(at / 6), 6 * Math.floor(at / 6) + 6));
      const { own } = crossEntropy(row, temperature);
      const loss = (step: number) => crossEntropy(row.with(at % 6, value + step), temperature, own).loss;
      return value - epsilon * Math.sign(loss(1e-4) - loss(-1e-4));
    });
    expect(moved).toBeAllClose(expected, { atol: 1e-6 });
  });

  it("moves them as the cross-entropy's own gradient says", async () => {
    const x = input("x", [4, 6]);
    const scaled = mul(network(x), 0.1) as Float;
    const loss = sum(sub(logSumExp(scaled, { axis: 1 }), max(scaled, { axis: 1 })));
    const [gradient] = grad(loss, [x]);
    const moved = odinInput(x, network(x), { temperature: 10, epsilon: 0.5 });
    const result = await runGraph({ gradient: gradient!, moved }, { x: rows });
    const slopes = result.gradient.data as Float32Array;
    expect(result.moved).toBeAllClose(
      Array.from(values, (value, i) => value - 0.5 * Math.sign(slopes[i]!)),
      { atol: 1e-6 },
    );
  });

  it("scores what it moved, and nothing moved is the maximum softmax", async () => {
    const x = input("x", [4, 6]);
    const options = { temperature: 100, epsilon: 0.02 };
    const moved = odinInput(x, network(x), options);
    const result = await runGraph(
      {
        score: odin(network, x, options),
        again: maximumSoftmax(network(moved), 100),
        still: odin(network, x, { temperature: 100, epsilon: 0 }),
        plain: maximumSoftmax(network(x), 100),
      },
      { x: rows },
    );
    expect(result.score).toEqual(result.again);
    expect(result.still).toEqual(result.plain);
    const [after, before] = [result.score.data, result.plain.data] as [Float32Array, Float32Array];
    after.forEach((value, i) => {
      expect(value).toBeLessThan(before[i]!);
    });
  });

  it("divides the step by the deviations that inputs were divided by", async () => {
    const deviation = [0.5, 1, 2, 4, 0.25, 1];
    const x = input("x", [4, 6]);
    const of = (extra: object) => odinInput(x, network(x), { epsilon: 0.01, ...extra });
    const { one, all } = await runGraph({ one: of({}), all: of({ deviation }) }, { x: rows });
    expect(all).toBeAllClose(
      Array.from(values, (value, i) => value + ((one.data as Float32Array)[i]! - value) / deviation[i % 6]!),
      { atol: 1e-5 },
    );
  });
});

describe("class Mahalanobis", () => {
  it("is the distance to the nearest class under the covariance that all share", async () => {
    const features = filled(
      [60, 2],
      (i) => Math.sin(7 * i) + (i % 2) * Math.cos(i) + 5 * (Math.floor(i / 2) % 3),
    );
    const labels = Uint8Array.from({ length: 60 }, (_, i) => i % 3);
    const values = features.data as Float32Array;
    const gaussians = fitClassGaussians(values, 2, labels, 3);
    const means = [0, 1, 2].map((c) =>
      [0, 1].map((j) =>
        labels.reduce((sum, label, i) => sum + (label === c ? values[2 * i + j]! / 20 : 0), 0),
      ),
    );
    expect(gaussians.means).toBeAllClose(means.flat(), { rtol: 1e-6 });
    // W Wᵀ is the inverse of the covariance, so of its shrunk form; undo it for the distance by hand.
    const w = gaussians.whitening;
    const inverse = [0, 1].map((i) =>
      [0, 1].map((j) => w[2 * i]! * w[2 * j]! + w[2 * i + 1]! * w[2 * j + 1]!),
    );
    const points = [
      [1, 2],
      [6, 5],
      [10, -3],
    ];
    const expected = points.map((point) =>
      Math.min(
        ...means.map((mean) => {
          const d = [point[0]! - mean[0]!, point[1]! - mean[1]!] as const;
          return (
            d[0] * d[0] * inverse[0]![0]! + 2 * d[0] * d[1] * inverse[0]![1]! + d[1] * d[1] * inverse[1]![1]!
          );
        }),
      ),
    );
    const { y } = await runGraph(
      { y: classMahalanobis(input("p", [3, 2]), gaussians) },
      { p: { dtype: "float32", shape: [3, 2], data: Float32Array.from(points.flat()) } },
    );
    expect(y).toBeAllClose(expected, { rtol: 1e-4 });
    // Of the training rows it is the number of features on average, up to the shrinkage.
    const own = labels.reduce((total, c, i) => {
      const d = [values[2 * i]! - means[c]![0]!, values[2 * i + 1]! - means[c]![1]!] as const;
      return (
        total +
        (d[0] * d[0] * inverse[0]![0]! + 2 * d[0] * d[1] * inverse[0]![1]! + d[1] * d[1] * inverse[1]![1]!) /
          60
      );
    }, 0);
    expect(own).toBeCloseTo(2, 0);
  });
});
