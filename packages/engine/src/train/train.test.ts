import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { randomStream } from "../random/index.js";
import { add, cast, log, matmul, mean, mul, sigmoid, sub, tanh } from "../tensor/index.js";
import { linearData, linearProblem, noisyProblem } from "../testing/training-problems.js";
import {
  adam,
  parameter,
  sgd,
  type TrainingOptions,
  type TrainingProgress,
  torchLinear,
  train,
} from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "surprisal-train-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("convergence", () => {
  it("linear regression reaches the closed form", async () => {
    const data = linearData(203, [1.5, -2], 0.7, 0.3);
    const { parameters } = await train(linearProblem(data), {
      optimizer: sgd({ learningRate: 0.1 }),
      batchSize: 203,
      epochs: 200,
    });
    const [w0, w1, b] = leastSquares(data.x.data, data.y.data);
    expect(parameters.weight.data[0]).toBeCloseTo(w0!, 4);
    expect(parameters.weight.data[1]).toBeCloseTo(w1!, 4);
    expect(parameters.bias.data[0]).toBeCloseTo(b!, 4);
  });

  it("a small network learns exclusive or, from bytes", async () => {
    const seed = 5;
    const make = (name: string, shape: number[], fanIn: number) =>
      parameter(shape, torchLinear({ fanIn }), { seed, name });
    const result = await train(
      {
        parameters: {
          layers: [
            { w: make("w0", [2, 8], 2), b: make("b0", [8], 2) },
            { w: make("w1", [8, 1], 8), b: make("b1", [1], 8) },
          ],
        },
        data: {
          x: { data: new Uint8Array([0, 0, 0, 1, 1, 0, 1, 1]), shape: [4, 2] },
          y: { data: new Int32Array([0, 1, 1, 0]), shape: [4, 1] },
        },
        loss({ parameters: { layers }, batch }) {
          const hidden = tanh(add(matmul(cast(batch.x, "float32"), layers[0].w), layers[0].b));
          const p = sigmoid(add(matmul(hidden, layers[1].w), layers[1].b));
          const y = cast(batch.y, "float32");
          const likelihood = add(mul(y, log(p)), mul(sub(1, y), log(sub(1, p))));
          return { loss: mul(mean(likelihood), -1) };
        },
      },
      { optimizer: adam({ learningRate: 0.05 }), epochs: 300 },
    );
    expect(result.history.at(-1)!.loss).toBeLessThan(0.02);
    expect(result.parameters.layers[0].w.shape).toEqual([2, 8]);
  });

  it("running statistics are carried and returned", async () => {
    const data = linearData(64, [1], 3, 0);
    const result = await train(
      {
        parameters: {
          weight: { shape: [1], initial: new Float32Array([0]) },
          average: { shape: [1], initial: new Float32Array([0]), trainable: false },
        },
        data: { y: data.y },
        loss({ parameters, batch, training }) {
          const difference = sub(batch.y, parameters.weight);
          const average = add(mul(parameters.average, 0.5), mul(mean(batch.y), 0.5));
          return {
            loss: mean(mul(difference, difference)),
            metrics: { training: mul(mean(parameters.average), training ? 1 : -1) },
            state: [[parameters.average, average]],
          };
        },
        validation: { y: data.y },
      },
      { batchSize: 64, epochs: 20 },
    );
    const expected = data.y.data.reduce((sum, y) => sum + y, 0) / 64;
    expect(result.parameters.average.data[0]).toBeCloseTo(expected, 4);
    const last = result.history.at(-1)!;
    expect(last.metrics.training).toBeCloseTo(expected, 4);
    expect(last.validationMetrics!.training).toBeCloseTo(-expected, 4);
  });
});

describe("epochs", () => {
  it("every row counts once in the mean, the last batch with its own size", async () => {
    const data = linearData(10, [2], 1, 0.5);
    const result = await train(linearProblem(data), {
      optimizer: sgd({ learningRate: 0 }),
      batchSize: 4,
      epochs: 1,
    });
    expect(result.steps).toBe(3);
    const expected = data.y.data.reduce((sum, y) => sum + y * y, 0) / 10;
    expect(result.history[0]!.loss).toBeCloseTo(expected, 5);
  });

  it("drops the last batch when told so, and stops at a number of steps", async () => {
    const data = linearData(10, [2], 1, 0.5);
    const dropped = await train(linearProblem(data), { batchSize: 4, epochs: 2, dropLast: true });
    expect(dropped.steps).toBe(4);
    const cut = await train(linearProblem(data), { batchSize: 4, steps: 5 });
    expect(cut.steps).toBe(5);
    expect(cut.history).toHaveLength(2);
  });

  it("without shuffling the batches are the rows in order", async () => {
    const result = await train(
      {
        parameters: { p: { shape: [], initial: new Float32Array(1) } },
        data: { y: { data: Float32Array.from([1, 2, 30, 40]), shape: [4, 1] } },
        loss: ({ parameters: { p }, batch }) => ({ loss: add(mean(batch.y), p) }),
      },
      { optimizer: sgd({ learningRate: 0 }), batchSize: 2, steps: 1, shuffle: false },
    );
    expect(result.history[0]!.loss).toBe(1.5);
  });
});

describe("reproducibility", () => {
  const data = linearData(150, [1, -1, 2], 0.5, 0.1);
  const options: TrainingOptions = {
    batchSize: 16,
    epochs: 6,
    seed: 11,
    optimizer: adam({ learningRate: 0.01 }),
  };
  const comparable = ({ seconds: _, ...rest }: Awaited<ReturnType<typeof run>>) => rest;
  const run = (more: Partial<TrainingOptions> = {}) =>
    train(
      { ...noisyProblem(data), validation: linearData(37, [1, -1, 2], 0.5, 0.1, 2) },
      { ...options, ...more },
    );

  it("the same seed gives the same bits, another seed others", async () => {
    const first = await run();
    expect(comparable(await run())).toEqual(comparable(first));
    expect(comparable(await run({ threads: 1 }))).toEqual(comparable(first));
    expect((await run({ seed: 12 })).parameters).not.toEqual(first.parameters);
  });

  it("several steps in one call give the bits of single steps", async () => {
    const single = await run({ stepsPerCall: 1 });
    for (const stepsPerCall of [2, 4, 9, 64]) {
      expect(comparable(await run({ stepsPerCall }))).toEqual(comparable(single));
    }
    expect(comparable(await run({ stepsPerCall: "measured" }))).toEqual(comparable(single));
  });

  it("an interrupted and resumed run gives the bits of an uninterrupted one", async () => {
    const stopping = { patience: 50 };
    const path = join(folder, "resume.ckpt");
    const whole = await run({ earlyStopping: stopping });
    const controller = new AbortController();
    const interrupted = run({
      earlyStopping: stopping,
      checkpoint: { path },
      signal: controller.signal,
      onProgress({ record }) {
        if (record?.epoch === 4) controller.abort(new Error("enough"));
      },
    });
    await expect(interrupted).rejects.toThrow("enough");
    expect(existsSync(path)).toBe(true);
    const resumed = await run({ earlyStopping: stopping, checkpoint: { path }, resume: path });
    expect(comparable(resumed)).toEqual(comparable(whole));
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("refuses a checkpoint of another run, a cut one and a foreign file", async () => {
    const path = join(folder, "other.ckpt");
    await run({ checkpoint: { path, everyEpochs: 3 } });
    await expect(run({ resume: path, batchSize: 8 })).rejects.toThrow("its batchSize was 16, but is 8 now");
    await expect(run({ resume: path, seed: 1 })).rejects.toThrow("its seed was 11, but is 1 now");
    const bytes = readFileSync(path);
    for (const length of [0, 10, 40, bytes.length - 4]) {
      const cut = join(folder, "cut.ckpt");
      writeFileSync(cut, bytes.subarray(0, length));
      await expect(run({ resume: cut })).rejects.toThrow(/cannot resume from .*cut\.ckpt/);
    }
    await expect(run({ resume: join(folder, "none.ckpt") })).rejects.toThrow(/ENOENT/);
  });
});

describe("one run for several seeds", () => {
  it("trains each stacked member as a run of its own does", async () => {
    const data = linearData(70, [1, -1], 0.5, 0.1);
    const seeds = [5, 6, 7];
    const start = (seed: number) => {
      const initial = new Float32Array(2);
      randomStream(seed, "start").fillNormal(initial);
      return initial;
    };
    const options: TrainingOptions = {
      batchSize: 16,
      epochs: 4,
      orderSeed: 9,
      optimizer: adam({ learningRate: 0.05 }),
    };
    const noise = { z: { shape: [2], distribution: "normal" as const } };
    const apart = await Promise.all(
      seeds.map((seed) =>
        train(
          {
            parameters: { w: { shape: [2, 1], initial: start(seed) } },
            data,
            noise,
            loss({ parameters: { w }, batch, noise: { z } }) {
              const residual = sub(matmul(add(batch.x, mul(z, 0.3)), w), batch.y);
              return { loss: mean(mul(residual, residual)) };
            },
          },
          { ...options, seed },
        ),
      ),
    );
    const together = await train(
      {
        parameters: {
          w: { shape: [3, 2, 1], initial: Float32Array.from(seeds.flatMap((seed) => [...start(seed)])) },
        },
        data,
        noise: { z: { ...noise.z, seeds } },
        loss({ parameters: { w }, batch, noise: { z } }) {
          const residual = sub(matmul(add(batch.x, mul(z, 0.3)), w), batch.y);
          return { loss: mul(mean(mul(residual, residual)), seeds.length) };
        },
      },
      { ...options, stepsPerCall: 3 },
    );
    const expected = apart.flatMap(({ parameters }) => [...parameters.w.data]);
    for (const [i, value] of together.parameters.w.data.entries()) {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5);
    }
    expect(together.history.at(-1)!.loss / 3).toBeCloseTo(
      apart.reduce((sum, { history }) => sum + history.at(-1)!.loss / 3, 0),
      5,
    );
  });
});

describe("data refreshed between epochs", () => {
  type Refreshed = { y?: number[]; stop?: boolean };

  /** w moves to the mean of y in one step, an epoch. */
  const run = (epochs: number, refresh: (epoch: number, w: number) => Refreshed) =>
    train(
      {
        parameters: { w: { shape: [], initial: Float32Array.of(1) } },
        data: { y: { data: Float32Array.of(2, 4), shape: [2] } },
        loss({ parameters: { w }, batch: { y } }) {
          const difference = sub(w, y);
          return { loss: mean(mul(difference, difference)) };
        },
        refresh: async (epoch, { w }) => {
          const { y, stop = false } = refresh(epoch, w.data[0]!);
          return { stop, ...(y && { data: { y: { data: Float32Array.from(y), shape: [y.length] } } }) };
        },
      },
      { optimizer: sgd({ learningRate: 0.5 }), batchSize: 2, epochs },
    );

  it("is made of the parameters, which wait for it", async () => {
    const seen: number[][] = [];
    const { parameters, steps, stoppedEarly } = await run(3, (epoch, w) => {
      seen.push([epoch, w]);
      return { y: [w, w + 2] };
    });
    expect(seen).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(parameters.w.data[0]).toBe(4);
    expect([steps, stoppedEarly]).toEqual([3, false]);
  });

  it("can stay as it is, and end the training", async () => {
    const result = await run(9, (epoch) => ({ stop: epoch === 2 }));
    expect(result.parameters.w.data[0]).toBe(3);
    expect([result.steps, result.epoch, result.stoppedEarly]).toEqual([2, 2, true]);
  });

  it("must have the shape it had; errors of refreshing end the training", async () => {
    await expect(run(2, () => ({ y: [1, 2, 3] }))).rejects.toThrow("refreshed y is float32 [3]");
    const failing = run(2, () => {
      throw new Error("no target");
    });
    await expect(failing).rejects.toThrow("no target");
  });
});

describe("steps that are not finite", () => {
  it("are skipped and counted; the state stays", async () => {
    // Row 3 has no finite loss: its batch is skipped, and the others go on as if it were not there.
    const values = [1, 2, 3, Number.NaN, 5, 6];
    const run = (y: number[], stepsPerCall: number) =>
      train(
        {
          parameters: { p: { shape: [], initial: new Float32Array([0]) } },
          data: { y: { data: Float32Array.from(y), shape: [y.length] } },
          loss: ({ parameters: { p }, batch }) => {
            const difference = sub(batch.y, p);
            return { loss: mean(mul(difference, difference)) };
          },
        },
        { optimizer: adam({ learningRate: 0.1 }), batchSize: 1, epochs: 3, shuffle: false, stepsPerCall },
      );
    const clean = await run(values.filter(Number.isFinite), 1);
    for (const stepsPerCall of [1, 4]) {
      const result = await run(values, stepsPerCall);
      expect(result.skippedSteps).toBe(3);
      expect(result.steps).toBe(18);
      expect(result.parameters).toEqual(clean.parameters);
      expect(result.history).toEqual(clean.history);
    }
  });

  it("a run without any finite step says so", async () => {
    const data = linearData(8, [1], 0, 0);
    data.y.data.fill(Number.NaN);
    await expect(train(linearProblem(data), { epochs: 2 })).rejects.toThrow(
      /no step of epoch 1 had a finite loss and gradient/,
    );
  });
});

describe("early stopping", () => {
  it("stops after `patience` epochs without progress and returns the best epoch", async () => {
    // The held-out optimum lies half-way to the training optimum: the held-out loss falls, then rises.
    const at = (value: number) => ({ y: { data: new Float32Array(16).fill(value), shape: [16] } });
    const run = (earlyStopping: TrainingOptions["earlyStopping"] & {}) =>
      train(
        {
          parameters: { p: { shape: [], initial: new Float32Array([0]) } },
          data: at(1),
          validation: at(0.5),
          loss: ({ parameters: { p }, batch }) => {
            const difference = sub(batch.y, p);
            return { loss: mean(mul(difference, difference)) };
          },
        },
        { optimizer: sgd({ learningRate: 0.1 }), batchSize: 16, epochs: 50, earlyStopping },
      );
    const best = await run({ patience: 4 });
    expect(best.stoppedEarly).toBe(true);
    // p = 1 - 0.8^t is nearest to 0.5 at t = 3.
    expect(best.epoch).toBe(3);
    expect(best.history).toHaveLength(7);
    expect(best.parameters.p.data[0]).toBeCloseTo(1 - 0.8 ** 3, 5);
    const last = await run({ patience: 4, restoreBest: false });
    expect(last.epoch).toBe(7);
    expect(last.parameters.p.data[0]).toBeCloseTo(1 - 0.8 ** 7, 5);
    expect((await run({ patience: 4, minDelta: 0.05 })).epoch).toBe(2);
  });
});

describe("the calling thread", () => {
  const stream = randomStream(1, "wide");
  const x = new Float32Array(2000 * 256);
  stream.fillNormal(x);
  const make = (name: string, shape: number[]) =>
    parameter(shape, torchLinear({ fanIn: shape[0]! }), { seed: 1, name });
  const heavy = (options: Partial<TrainingOptions>) =>
    train(
      {
        parameters: { a: make("a", [256, 512]), b: make("b", [512, 256]) },
        data: { x: { data: x, shape: [2000, 256] } },
        loss: ({ parameters: { a, b }, batch }) => {
          const difference = sub(matmul(tanh(matmul(batch.x, a)), b), batch.x);
          return { loss: mean(mul(difference, difference)) };
        },
      },
      { epochs: 1000, batchSize: 256, ...options },
    );

  it("stays free, hears of progress about ten times a second, and can abort", async () => {
    const controller = new AbortController();
    const reports: TrainingProgress[] = [];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const idle = performance.eventLoopUtilization();
    const path = join(folder, "abort.ckpt");
    const start = performance.now();
    let abortedAt = 0;
    setTimeout(() => {
      abortedAt = performance.now();
      controller.abort(new Error("stop now"));
    }, 1200);
    await expect(
      heavy({ signal: controller.signal, onProgress: (p) => reports.push(p), checkpoint: { path } }),
    ).rejects.toThrow("stop now");
    clearInterval(timer);
    expect(performance.now() - abortedAt).toBeLessThan(2000);
    const elapsed = performance.now() - start;
    // Blocked by the steps, the loop would be busy all the time; a loaded machine only delays ticks.
    expect(ticks).toBeGreaterThan(elapsed / 5 / 20);
    expect(performance.eventLoopUtilization(idle).utilization).toBeLessThan(0.6);
    const throttled = reports.filter((report) => !report.record);
    expect(throttled.length).toBeLessThanOrEqual(elapsed / 100 + 1);
    const last = reports.at(-1)!;
    expect(last.step).toBeGreaterThan(0);
    expect(last.steps).toBe(8000);
    expect(last.samplesPerSecond).toBeGreaterThan(0);
    expect(last.secondsLeft).toBeGreaterThan(0);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("an aborted signal and a callback that throws end the training", async () => {
    await expect(heavy({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    const onProgress = () => {
      throw new Error("from the callback");
    };
    await expect(heavy({ onProgress })).rejects.toThrow("from the callback");
  });

  it("a checkpoint that cannot be written ends the training with its reason", async () => {
    const path = join(folder, "missing", "x.ckpt");
    const data = linearData(64, [1], 0, 0.1);
    await expect(train(linearProblem(data), { epochs: 3, checkpoint: { path } })).rejects.toThrow(/ENOENT/);
  });
});

describe("WebAssembly", () => {
  it("trains where the native library is absent, to the same parameters within rounding", async () => {
    const script = `
      const { train, sgd } = await import(${JSON.stringify(new URL("./index.js", import.meta.url).href)});
      const { linearData, linearProblem } = await import(
        ${JSON.stringify(new URL("../testing/training-problems.js", import.meta.url).href)});
      const problem = linearProblem(linearData(50, [1.5, -2], 0.7, 0.1));
      const run = (stepsPerCall) =>
        train(problem, { optimizer: sgd({ learningRate: 0.1 }), batchSize: 16, epochs: 3, stepsPerCall });
      const { parameters } = await run(1);
      const { parameters: same } = await run(2);
      console.log(JSON.stringify([parameters, same].map(({ weight, bias }) => [...weight.data, ...bias.data])));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, SURPRISAL_RUNTIME: "web" },
    });
    const [single, several] = JSON.parse(stdout) as [number[], number[]];
    expect(several).toEqual(single);
    const { parameters } = await train(linearProblem(linearData(50, [1.5, -2], 0.7, 0.1)), {
      optimizer: sgd({ learningRate: 0.1 }),
      batchSize: 16,
      epochs: 3,
    });
    const native = [...parameters.weight.data, ...parameters.bias.data];
    for (const [i, value] of native.entries()) expect(single[i]).toBeCloseTo(value, 5);
  });
});

describe("wrong input is named", () => {
  const data = linearData(8, [1, 2], 0, 0);
  const problem = linearProblem(data);
  const refuses = (
    change: Partial<typeof problem> & Record<string, unknown>,
    options: TrainingOptions,
    message: string | RegExp,
  ) => expect(train({ ...problem, ...change } as typeof problem, options)).rejects.toThrow(message);

  it("in the options", async () => {
    await refuses({}, {}, "give either epochs or steps");
    await refuses({}, { epochs: 1, steps: 1 }, "give either epochs or steps");
    await refuses({}, { epochs: 0 }, "epochs must be a whole number from 1, got 0");
    await refuses({}, { epochs: 1, batchSize: 1.5 }, "batchSize must be a whole number");
    await refuses({}, { epochs: 1, clipNorm: 0 }, "clipNorm must be above 0");
    await refuses({}, { epochs: 1, earlyStopping: { patience: 2 } }, "earlyStopping needs validation data");
    const optimizer = adam({ learningRate: (step) => 1 / (step - 1) });
    await refuses({}, { steps: 3, optimizer }, "learningRate is Infinity at step 1");
  });

  it("in the data and the parameters", async () => {
    const short = { x: data.x, y: { data: new Float32Array(7), shape: [7, 1] } };
    await refuses({ data: short }, { epochs: 1 }, "data y has 7 rows, but x has 8");
    const wrong = { x: { data: data.x.data, shape: [8, 3] }, y: data.y };
    await refuses({ data: wrong }, { epochs: 1 }, "data x of shape [8, 3] needs 24 values, got 16");
    const strings = { x: { data: ["a"], shape: [1] }, y: data.y } as unknown as typeof data;
    await refuses({ data: strings }, { epochs: 1 }, "data x must be a Float32Array");
    await refuses({ validation: { x: data.x } }, { epochs: 1 }, "the validation data lacks y");
    const weight = { shape: [2, 1], initial: new Float32Array(3) };
    const parameters = { weight, bias: problem.parameters.bias };
    await refuses({ parameters }, { epochs: 1 }, "parameter weight of shape [2, 1] needs 2");
  });

  it("in the loss", async () => {
    const vector = ({ batch }: { batch: { y: unknown } }) => ({ loss: batch.y }) as never;
    await refuses({ loss: vector }, { epochs: 1 }, /the loss must be one float32 number/);
  });
});

/** Two weights and a bias by the normal equations, in float64. */
function leastSquares(x: Float32Array, y: Float32Array): number[] {
  const rows = [...y.keys()].map((i) => [x[2 * i]!, x[2 * i + 1]!, 1]);
  const system = [0, 1, 2].map((j) => [
    ...[0, 1, 2].map((k) => rows.reduce((sum, row) => sum + row[j]! * row[k]!, 0)),
    rows.reduce((sum, row, i) => sum + row[j]! * y[i]!, 0),
  ]);
  for (let j = 0; j < 3; j++) {
    for (let i = 0; i < 3; i++) {
      if (i === j) continue;
      const factor = system[i]![j]! / system[j]![j]!;
      system[i] = system[i]!.map((value, k) => value - factor * system[j]![k]!);
    }
  }
  return system.map((row, j) => row[3]! / row[j]!);
}
