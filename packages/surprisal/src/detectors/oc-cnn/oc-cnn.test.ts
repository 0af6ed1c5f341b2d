import "@surprisal/engine/testing";
import { constant, input } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { contractRows } from "../../testing/contract-rows.js";
import { runGraph } from "../../testing/run-graph.js";
import { ocCnn } from "./index.js";
import { normalizedFeatures, twoClassLoss } from "./model.js";

const weight = [0.5, -1, 2, 0.25, -0.75, 1];
const bias = [0.1, -0.3];
const layer = { weight: constant(weight, [3, 2]), bias: constant(bias) };
const x = [1, 2, 6, -3, 0, 3];
const noise = [1, -1, 0.5, -2, 2, 0];

const normalized = (row: readonly number[]) => {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((s, value) => s + (value - mean) ** 2, 0) / row.length;
  return row.map((value) => Math.max(0, (value - mean) / Math.sqrt(variance + 1e-5)));
};

/** -log softmax of the class, from the two outputs of the layer. */
function crossEntropy(features: readonly number[], label: 0 | 1): number {
  const logits = [0, 1].map((k) => features.reduce((s, f, d) => s + f * weight[2 * d + k]!, bias[k]!));
  return Math.log(Math.exp(logits[0]!) + Math.exp(logits[1]!)) - logits[label]!;
}

describe("the equations of oc-cnn", () => {
  it("normalise every feature vector by itself", async () => {
    const { y } = await runGraph(
      { y: normalizedFeatures(input("x", [2, 3])) },
      { x: filled([2, 3], (i) => x[i]!) },
    );
    expect(y).toBeAllClose([...normalized(x.slice(0, 3)), ...normalized(x.slice(3))], { atol: 1e-6 });
  });

  it("are the cross-entropy of rows and of rectified noise", async () => {
    const { loss } = await runGraph(
      { loss: twoClassLoss(layer, input("x", [2, 3]), input("noise", [2, 3]), 0.5) },
      { x: filled([2, 3], (i) => x[i]!), noise: filled([2, 3], (i) => noise[i]!) },
    );
    const made = noise.map((value) => Math.max(0, 0.5 * value));
    const terms = [
      crossEntropy(normalized(x.slice(0, 3)), 0),
      crossEntropy(normalized(x.slice(3)), 0),
      crossEntropy(made.slice(0, 3), 1),
      crossEntropy(made.slice(3), 1),
    ];
    expect(loss).toBeAllClose(terms.reduce((a, b) => a + b, 0) / 4);
  });
});

describe("oc-cnn", () => {
  it("ranks by log-odds, of which the probability is the other output, on rows and on codes", async () => {
    const rows = contractRows(200, "training");
    for (const features of ["rows", "autoencoder"] as const) {
      const model = await ocCnn({
        seed: 1,
        features,
        latent: 8,
        pretrainingEpochs: 5,
        steps: 200,
        calibration: 0,
      }).fit(rows);
      const { scores, outputs } = await model.score(rows, { outputs: ["log_odds", "made_up_probability"] });
      expect(outputs.log_odds!.data).toEqual(scores);
      expect(outputs.made_up_probability!.data).toBeAllClose(
        scores.map((odds) => 1 / (1 + Math.exp(-odds))),
        { atol: 1e-5 },
      );
      const code = model.metadata.outputs.includes("code");
      expect(code).toBe(features === "autoencoder");
    }
  });
});
