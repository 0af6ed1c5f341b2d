import "@surprisal/engine/testing";
import {
  adam,
  input,
  logSumExp,
  mean,
  mul,
  oneHot,
  randomStream,
  sub,
  sum,
  symbol,
  train,
} from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../testing/run-graph.js";
import { asConstants, parameterCount, untrained } from "../parameters.js";
import { type ClassifierBody, classifierParameters, classify } from "./index.js";

const stream = () => randomStream(1, "parameters");

/** Initial parameters as constants; the compiler cannot follow trees of several forms. */
function constants(body: ClassifierBody, row: readonly number[], classes: number) {
  const parameters = classifierParameters(body, row, classes, stream());
  return asConstants(untrained(parameters as never) as never) as Parameters<typeof classify>[0];
}

const bodies: readonly (readonly [string, ClassifierBody])[] = [
  ["linear", { kind: "linear" }],
  ["perceptron", { kind: "perceptron", hidden: [12, 7] }],
  ["cnn", { kind: "cnn", width: 4 }],
  ["resnet18, published stem", { kind: "resnet18", width: 4, stem: "published" }],
  ["resnet18, small stem", { kind: "resnet18", width: 4, stem: "small" }],
];

describe("classifiers", () => {
  it("have as many parameters as published", () => {
    const count = (body: ClassifierBody, row: readonly number[], classes: number) =>
      parameterCount(classifierParameters(body, row, classes, stream()) as never);
    const resnet = { kind: "resnet18", width: 64 } as const;
    // torchvision's resnet18 has 11,689,512 parameters for three channels and 1,000 classes.
    expect(count({ ...resnet, stem: "published" }, [32, 32, 3], 1000)).toBe(11_689_512);
    expect(count({ ...resnet, stem: "published" }, [28, 28], 10)).toBe(11_175_370);
    expect(count({ ...resnet, stem: "small" }, [32, 32, 3], 10)).toBe(11_173_962);
    expect(count({ kind: "linear" }, [28, 28], 10)).toBe(7850);
    expect(count({ kind: "perceptron", hidden: [256, 64] }, [784], 10)).toBe(785 * 256 + 257 * 64 + 650);
    const convolutions = 9 * (16 + 16 * 32 + 32 * 64) + 2 * (16 + 32 + 64);
    const dense = 64 * 49 * 128 + 128 * 64 + 2 * (128 + 64) + 650;
    expect(count({ kind: "cnn", width: 16 }, [28, 28, 1], 10)).toBe(convolutions + dense);
  });

  it.each(bodies)("give a row the same whatever the batch in inference: %s", async (_, body) => {
    const row = [16, 12, 2];
    const x = input("x", [symbol("N"), ...row]);
    const { logits, features, state } = classify(constants(body, row, 3), body, row, x, "inference");
    expect(state).toHaveLength(0);
    const data = filled([5, ...row], (i) => Math.sin(i * 1.7) + (i % 384) / 400);
    const whole = await runGraph({ logits, features }, { x: data });
    expect(whole.logits.shape).toEqual([5, 3]);
    expect(whole.features.shape[1]).toBe(features.shape[1]);
    const size = data.data.length / 5;
    const third = { ...data, shape: [1, ...row], data: data.data.slice(2 * size, 3 * size) } as typeof data;
    const alone = await runGraph({ logits }, { x: third });
    expect(alone.logits).toBeAllClose(Array.from(whole.logits.data as Float32Array).slice(6, 9), {
      rtol: 1e-5,
      atol: 1e-5,
    });
  });

  it("refuse rows that are no images", () => {
    const body = { kind: "resnet18", width: 4, stem: "small" } as const;
    expect(() => classifierParameters(body, [9], 2, stream())).toThrow(/needs images.*\[9\]/);
    expect(() => classifierParameters({ kind: "cnn", width: 4 }, [3, 9], 2, stream())).toThrow(/3 × 9/);
  });

  it.each(bodies)("learn classes, and keep what inference needs: %s", async (_, body) => {
    const [count, row] = [96, [8, 8]];
    const noise = randomStream(3, "noise");
    const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
    // Each class has a bar of its own.
    const data = Float32Array.from({ length: count * 64 }, (_, at) => {
      const [i, pixel] = [Math.floor(at / 64), at % 64];
      return (Math.floor(pixel / 8) === 2 * (i % 3) + 1 ? 1 : 0) + 0.3 * noise.normal();
    });
    const result = await train(
      {
        parameters: classifierParameters(body, row, 3, stream()) as never,
        data: { x: { data, shape: [count, ...row] }, y: { data: labels, shape: [count] } },
        loss: ({ parameters, batch, training }) => {
          const mode = training ? "training" : "inference";
          const { logits, state } = classify(parameters, body, row, batch.x as never, mode);
          const hot = oneHot(batch.y as never, 3);
          return {
            loss: mean(sub(logSumExp(logits, { axis: 1 }), sum(mul(logits, hot), { axis: 1 }))),
            state,
          };
        },
      },
      { optimizer: adam({ learningRate: 3e-3 }), epochs: 25, batchSize: 32, seed: 1 },
    );
    expect(result.history.at(-1)!.loss).toBeLessThan(0.2);
    const tensors = asConstants(result.parameters as never) as Parameters<typeof classify>[0];
    const { logits } = classify(tensors, body, row, input("x", [count, ...row]), "inference");
    const out = await runGraph({ logits }, { x: { dtype: "float32", shape: [count, ...row], data } });
    const said = out.logits.data as Float32Array;
    const right = labels.filter((label, i) => {
      const own = said.subarray(3 * i, 3 * i + 3);
      return own[label] === Math.max(...own);
    });
    expect(right.length).toBeGreaterThan(90);
  });
});
