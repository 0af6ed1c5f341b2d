import "@surprisal/engine/testing";
import { constant, grad, input, type Tensor } from "@surprisal/engine";
import { filled } from "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { contractRows } from "../../testing/contract-rows.js";
import { runGraph } from "../../testing/run-graph.js";
import { quantile } from "../../thresholds/index.js";
import { autoencoder } from "../autoencoder/index.js";
import { ocNn } from "./index.js";
import { ocNnLoss, response, shortfall } from "./model.js";

type Float = Tensor<"float32">;

const weights = { hidden: [0.5, -1, 0.25, 2, 1, -0.5], output: [1, -2] };
const parameters = { hidden: constant(weights.hidden, [3, 2]), output: constant(weights.output, [2, 1]) };
const x = filled([5, 3], (i) => Math.sin(3 * i));

/** w · g(V x) by hand. */
function byHand(activation: "sigmoid" | "linear"): number[] {
  const g = (value: number) => (activation === "sigmoid" ? 1 / (1 + Math.exp(-value)) : value);
  return Array.from({ length: 5 }, (_, i) =>
    [0, 1].reduce((total, h) => {
      const sum = [0, 1, 2].reduce((s, d) => s + Number(x.data[3 * i + d]) * weights.hidden[2 * d + h]!, 0);
      return total + weights.output[h]! * g(sum);
    }, 0),
  );
}

/** The published objective at a given r. */
function objective(y: readonly number[], r: number, nu: number, penalty: number): number {
  const norm = [...weights.hidden, ...weights.output].reduce((s, w) => s + w * w, 0);
  const slack = y.reduce((s, value) => s + Math.max(0, r - value), 0) / y.length;
  return (penalty * norm) / 2 + slack / nu - r;
}

describe("the equations of oc-nn", () => {
  it.each(["sigmoid", "linear"] as const)("respond by %s units", async (activation) => {
    const rows = input("x", [5, 3]);
    const graphs = {
      y: response(parameters, activation, rows),
      lacking: shortfall(parameters, activation, rows),
    };
    const { y, lacking } = await runGraph(graphs, { x });
    const whole = activation === "sigmoid" ? 1 - 2 : 0;
    expect(y).toBeAllClose(byHand(activation));
    expect(lacking).toBeAllClose(
      byHand(activation).map((value) => whole - value),
      { atol: 1e-6 },
    );
  });

  it("are least, over r, at the quantile that the loss takes", async () => {
    const y = byHand("sigmoid");
    const nu = 0.4;
    const setting = { nu, penalty: 0.5 };
    const loss = ocNnLoss(parameters, response(parameters, "sigmoid", input("x", [5, 3])), setting);
    const found = Number((await runGraph({ loss }, { x })).loss.data[0]);
    const r = quantile(y, nu);
    expect(found).toBeCloseTo(objective(y, r, nu, 0.5), 5);
    // Between two responses the objective is flat where ν times the rows is whole.
    for (const other of [r - 1, r + 1, r + 0.3, r - 0.3]) {
      expect(objective(y, other, nu, 0.5)).toBeGreaterThan(found - 1e-6);
    }
  });

  it("have the gradient of the minimum over r", async () => {
    const responses = input("y", [5]);
    const loss = ocNnLoss(parameters, responses, { nu: 0.3, penalty: 0 });
    const [gradient] = grad(loss, [responses]) as [Float];
    const values = [3, -1, 2, 0, 5];
    const result = await runGraph({ gradient }, { y: filled([5], (i) => values[i]!) });
    // Rows below r = 0.4 get -1 / (ν n) each.
    expect(result.gradient).toBeAllClose([0, -1 / 1.5, 0, -1 / 1.5, 0]);
  });
});

describe("oc-nn", () => {
  it("scores a share ν of the training rows above 0, on rows and on codes", async () => {
    const rows = contractRows(200, "training");
    const features = ["rows", "autoencoder", autoencoder({ latent: 3, epochs: 5 })] as const;
    for (const of of features) {
      const model = await ocNn({
        seed: 1,
        features: of,
        nu: 0.2,
        epochs: 20,
        pretrainingEpochs: 5,
        latent: 6,
        calibration: 0,
      }).fit(rows);
      const { scores } = await model.score(rows);
      expect(scores.filter((score) => score > 0).length / 200).toBeCloseTo(0.2, 1);
      expect(model.metadata.outputs.includes("code")).toBe(of !== "rows");
    }
  });
});
