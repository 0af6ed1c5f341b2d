import "@surprisal/engine/testing";
import { input, type Parameter, randomStream, type Tensor } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { type Dense, dense } from "../networks/index.js";
import { runGraph } from "../testing/run-graph.js";
import {
  type CodeNetwork,
  type DeepClustering,
  type DeepClusteringOptions,
  deepEmbeddedClustering,
  encodeRows,
} from "./deep-embedded-clustering.js";
import { batchTarget, clusteringLoss, softAssignment, targetDistribution } from "./soft-assignment.js";

type Float = Tensor<"float32">;

/** q of the codes 0, 1, 3 and the centres 0, 2, by hand: kernels 1, 1/5; 1/2, 1/2; 1/10, 1/2. */
const q = [5 / 6, 1 / 6, 1 / 2, 1 / 2, 1 / 6, 5 / 6];

/** p of it: the frequencies of both centres are 3/2, so that p is q² in each row, made to sum to 1. */
const p = [25 / 26, 1 / 26, 1 / 2, 1 / 2, 1 / 26, 25 / 26];

describe("soft assignments", () => {
  const codes = input("z", [3, 1]);
  const centers = input("centers", [2, 1]);
  const feeds = {
    z: filled([3, 1], (i) => [0, 1, 3][i]!),
    centers: filled([2, 1], (i) => [0, 2][i]!),
  };

  it("are Student's t of the distances", async () => {
    const { logQ } = await runGraph({ logQ: softAssignment(codes, centers) }, feeds);
    expect(logQ).toBeAllClose(q.map(Math.log), { rtol: 1e-5 });
  });

  it("have the target that sharpens them", async () => {
    expect(targetDistribution(Float32Array.from(q), 2)).toBeAllClose(p, { rtol: 1e-6 });
    // Frequencies 1.2 and 0.8: q²/f is 0.64/1.2, 0.04/0.8 and 0.16/1.2, 0.36/0.8.
    const uneven = [0.8, 0.2, 0.4, 0.6];
    const first = 0.64 / 1.2 / (0.64 / 1.2 + 0.04 / 0.8);
    const second = 0.16 / 1.2 / (0.16 / 1.2 + 0.36 / 0.8);
    const expected = [first, 1 - first, second, 1 - second];
    expect(targetDistribution(Float32Array.from(uneven), 2)).toBeAllClose(expected, { rtol: 1e-6 });
    const { target } = await runGraph(
      { target: batchTarget(input("logQ", [2, 2])) },
      { logQ: filled([2, 2], (i) => Math.log(uneven[i]!)) },
    );
    expect(target).toBeAllClose(expected, { rtol: 1e-5 });
  });

  it("give a centre without rows no part of the target", () => {
    expect([...targetDistribution(Float32Array.of(1, 0, 1, 0), 2)]).toEqual([1, 0, 1, 0]);
  });

  it("lose KL(P ‖ Q) a row, also where p is 0", async () => {
    const loss = clusteringLoss(input("p", [3, 2]), input("logQ", [3, 2]));
    const run = (target: readonly number[]) =>
      runGraph(
        { loss },
        { p: filled([3, 2], (i) => target[i]!), logQ: filled([3, 2], (i) => Math.log(q[i]!)) },
      );
    const divergence = p.reduce((total, value, i) => total + value * Math.log(value / q[i]!), 0) / 3;
    expect((await run(p)).loss.data[0]).toBeCloseTo(divergence, 6);
    const certain = (Math.log(6 / 5) + Math.log(2) + Math.log(6 / 5)) / 3;
    expect((await run([1, 0, 0, 1, 0, 1])).loss.data[0]).toBeCloseTo(certain, 6);
  });
});

/** An affine encoder of rows of three values; the code is the first two where it starts. */
const network: CodeNetwork<Dense<Float>> = {
  parameters: {
    weight: { shape: [3, 2], initial: Float32Array.of(1, 0, 0, 1, 0, 0) },
    bias: { shape: [2], initial: new Float32Array(2) },
  } satisfies Dense<Parameter>,
  latent: 2,
  elementsPerRow: 3,
  encode: (parameters, x) => dense(parameters, x),
};

const options: DeepClusteringOptions = {
  clusters: 3,
  epochs: 30,
  batchSize: 32,
  learningRate: 0.05,
  momentum: 0.9,
  tolerance: 0,
  target: "fullData",
  code: "mean",
  seed: 1,
};

/** Rows of three blobs whose first two columns lie on a triangle. */
function blobs(count: number, spread: number) {
  const stream = randomStream(4, "blobs");
  const data = Float32Array.from({ length: 3 * count }, (_, at) => {
    const [i, column] = [Math.floor(at / 3) % 3, at % 3];
    const middle = column === 0 ? [0, 4, 2][i]! : column === 1 ? [0, 0, 3][i]! : 0;
    return middle + spread * stream.normal();
  });
  return { data, shape: [count, 3] };
}

const cluster = (rows: ReturnType<typeof blobs>, changes: Partial<DeepClusteringOptions> = {}) =>
  deepEmbeddedClustering(network as CodeNetwork, rows, { ...options, ...changes });

describe("deep embedded clustering", () => {
  const rows = blobs(240, 1);

  /** Mean of the largest q of a row. */
  async function certainty({ parameters, centers: { data, shape } }: DeepClustering): Promise<number> {
    const codes = await encodeRows(network as CodeNetwork, parameters, rows);
    const largest = Array.from({ length: 240 }, (_, i) => {
      const kernels = Array.from({ length: shape[0]! }, (_, j) => {
        const [a, b] = [codes[2 * i]! - data[2 * j]!, codes[2 * i + 1]! - data[2 * j + 1]!];
        return 1 / (1 + a ** 2 + b ** 2);
      });
      return Math.max(...kernels) / kernels.reduce((x, y) => x + y);
    });
    return largest.reduce((x, y) => x + y) / 240;
  }

  it.each(["fullData", "batch"] as const)(
    "sharpens the clusters it starts from: target %s",
    async (target) => {
      const found = await cluster(rows, { target });
      const { history, labels, sizes, centers } = found;
      expect(history).toHaveLength(30);
      const before = await certainty(await cluster(rows, { epochs: 0 }));
      expect(await certainty(found)).toBeGreaterThan(before + 0.02);
      expect(centers.shape).toEqual([3, 2]);
      expect([...sizes].reduce((a, b) => a + b)).toBe(240);
      // Most rows of a blob have the same label.
      for (const blob of [0, 1, 2]) {
        const counts = [0, 0, 0];
        for (let i = blob; i < 240; i += 3) counts[labels[i]!]! += 1;
        expect(Math.max(...counts)).toBeGreaterThan(60);
      }
    },
  );

  it("takes the first step along the gradient of KL(P ‖ Q) for the centres", async () => {
    // One step on all rows: μ_j moves by lr · 2/n · Σ_i (p_ij - q_ij) (z_i - μ_j) / (1 + ‖z_i - μ_j‖²).
    const before = await cluster(rows, { epochs: 0 });
    const after = await cluster(rows, { epochs: 1, batchSize: 240 });
    const code = (i: number) => [rows.data[3 * i]!, rows.data[3 * i + 1]!];
    const kernel = (i: number, j: number) => {
      const [a, b] = code(i);
      return 1 / (1 + (a! - before.centers.data[2 * j]!) ** 2 + (b! - before.centers.data[2 * j + 1]!) ** 2);
    };
    const kernels = Array.from({ length: 240 }, (_, i) => [0, 1, 2].map((j) => kernel(i, j)));
    const soft = kernels.flatMap((row) => row.map((value) => value / row.reduce((a, b) => a + b)));
    const target = targetDistribution(Float32Array.from(soft), 3);
    const expected = Array.from(before.centers.data, (value, at) => {
      const [j, axis] = [Math.floor(at / 2), at % 2];
      const moves = kernels.map(
        (row, i) => (target[3 * i + j]! - soft[3 * i + j]!) * (code(i)[axis]! - value) * row[j]!,
      );
      return value + options.learningRate * (2 / 240) * moves.reduce((a, b) => a + b);
    });
    expect(after.centers.data).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
    expect(after.centers.data).not.toBeAllClose([...before.centers.data], { rtol: 1e-4, atol: 1e-5 });
  });

  it("gives the same for the same seed, and stops where few rows change", async () => {
    const [a, b] = [await cluster(rows, { epochs: 3 }), await cluster(rows, { epochs: 3 })];
    expect(a.labels).toEqual(b.labels);
    expect(a.centers).toEqual(b.centers);
    const settled = await cluster(blobs(240, 0.1), { tolerance: 0.01 });
    expect(settled).toMatchObject({ converged: true, history: [{ epoch: 1, changed: 0 }] });
  });

  it("samples codes in training only", async () => {
    const noisy: CodeNetwork<Dense<Float>> = {
      ...network,
      encode: (parameters, x, { noise } = {}) => {
        const code = dense(parameters, x);
        expect(noise === undefined || noise.shape[1] === 2).toBe(true);
        return code;
      },
    };
    let draws = 0;
    const counting: CodeNetwork<Dense<Float>> = {
      ...noisy,
      encode: (parameters, x, training) => {
        if (training?.noise) draws++;
        return noisy.encode(parameters, x, training);
      },
    };
    const run = (code: "mean" | "sampled") =>
      deepEmbeddedClustering(counting as CodeNetwork, rows, { ...options, epochs: 1, code });
    await run("mean");
    expect(draws).toBe(0);
    await run("sampled");
    expect(draws).toBeGreaterThan(0);
  });

  it("leaves out centres without rows, and makes no more than there are codes", async () => {
    const two = {
      data: Float32Array.from({ length: 120 }, (_, at) => Math.floor(at / 3) % 2),
      shape: [40, 3],
    };
    const { centers, sizes, labels } = await cluster(two, { clusters: 6, epochs: 2 });
    expect(centers.shape).toEqual([2, 2]);
    expect([...sizes]).toEqual([20, 20]);
    expect(new Set(labels).size).toBe(2);
    const one = await cluster({ data: new Float32Array(30), shape: [10, 3] });
    expect(one).toMatchObject({ converged: true, history: [] });
    expect([...one.sizes]).toEqual([10]);
  });

  it("stops when aborted", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(cluster(rows, { signal })).rejects.toThrow("stop");
  });
});
