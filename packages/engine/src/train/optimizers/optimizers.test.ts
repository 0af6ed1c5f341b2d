import { describe, expect, it } from "vitest";
import { add, mul, sub, sum } from "../../tensor/index.js";
import { train } from "../train.js";
import { adam, adamax, adamw, type Optimizer, rmsprop, sgd } from "./index.js";

/**
 * Reference updates in float64, written from the documentation of torch.optim (algorithm boxes),
 * not from our expressions.
 */
interface Reference {
  p: number[];
  step: (g: number[], t: number) => void;
}

type MakeReference = (p: number[]) => Reference;

const zeros = (n: number) => Array<number>(n).fill(0);

function adamReference(
  p: number[],
  { lr = 1e-3, b1 = 0.9, b2 = 0.999, eps = 1e-8, l2 = 0, decoupled = 0 },
): Reference {
  const m = zeros(p.length);
  const v = zeros(p.length);
  return {
    p,
    step(gradient, t) {
      p.forEach((value, i) => {
        const g = gradient[i]! + l2 * value;
        const decayed = value - lr * decoupled * value;
        m[i] = b1 * m[i]! + (1 - b1) * g;
        v[i] = b2 * v[i]! + (1 - b2) * g * g;
        const mHat = m[i]! / (1 - b1 ** t);
        const vHat = v[i]! / (1 - b2 ** t);
        p[i] = decayed - (lr * mHat) / (Math.sqrt(vHat) + eps);
      });
    },
  };
}

function adamaxReference(p: number[], { lr = 2e-3, b1 = 0.9, b2 = 0.999, eps = 1e-8, l2 = 0 }): Reference {
  const m = zeros(p.length);
  const u = zeros(p.length);
  return {
    p,
    step(gradient, t) {
      p.forEach((value, i) => {
        const g = gradient[i]! + l2 * value;
        m[i] = b1 * m[i]! + (1 - b1) * g;
        u[i] = Math.max(b2 * u[i]!, Math.abs(g) + eps);
        p[i] = value - (lr / (1 - b1 ** t)) * (m[i]! / u[i]!);
      });
    },
  };
}

function rmspropReference(
  p: number[],
  { lr = 1e-2, alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, l2 = 0 },
): Reference {
  const v = zeros(p.length);
  const gAve = zeros(p.length);
  const b = zeros(p.length);
  return {
    p,
    step(gradient) {
      p.forEach((value, i) => {
        const g = gradient[i]! + l2 * value;
        v[i] = alpha * v[i]! + (1 - alpha) * g * g;
        let spread = v[i]!;
        if (centered) {
          gAve[i] = alpha * gAve[i]! + (1 - alpha) * g;
          spread -= gAve[i]! ** 2;
        }
        const scaled = g / (Math.sqrt(spread) + eps);
        b[i] = momentum * b[i]! + scaled;
        p[i] = value - lr * (momentum > 0 ? b[i]! : scaled);
      });
    },
  };
}

function sgdReference(p: number[], { lr = 1e-3, momentum = 0, nesterov = false, l2 = 0 }): Reference {
  const b = zeros(p.length);
  return {
    p,
    step(gradient, t) {
      p.forEach((value, i) => {
        const g = gradient[i]! + l2 * value;
        b[i] = t > 1 ? momentum * b[i]! + g : g;
        const direction = momentum === 0 ? g : nesterov ? g + momentum * b[i]! : b[i]!;
        p[i] = value - lr * direction;
      });
    },
  };
}

const start = [1, -2, 0.5, 3, -0.25];
const curvature = [1, 0.1, 5, 0.01, 2];
const target = [0.5, 0.25, -1, 2, 0];
const STEPS = 20;
const CLIP = 0.8;

/** Gradient of ½ Σ cᵢ (pᵢ - targetᵢ)² + ¼ Σ pᵢ⁴. */
const gradientAt = (p: number[]) => p.map((x, i) => curvature[i]! * (x - target[i]!) + x ** 3);

async function trained(optimizer: Optimizer, clipNorm?: number): Promise<number[]> {
  const n = start.length;
  const result = await train(
    {
      parameters: { p: { shape: [n], initial: Float32Array.from(start) } },
      data: {
        c: { data: Float32Array.from(curvature), shape: [1, n] },
        target: { data: Float32Array.from(target), shape: [1, n] },
      },
      loss({ parameters: { p }, batch: { c, target } }) {
        const difference = sub(p, target);
        const squares = mul(mul(c, mul(difference, difference)), 0.5);
        const quartic = mul(mul(mul(p, p), mul(p, p)), 0.25);
        return { loss: sum(add(squares, quartic)) };
      },
    },
    { optimizer, steps: STEPS, ...(clipNorm === undefined ? {} : { clipNorm }) },
  );
  return [...result.parameters.p.data];
}

function reference(make: MakeReference, clipNorm = Number.POSITIVE_INFINITY): number[] {
  const { p, step } = make([...start]);
  for (let t = 1; t <= STEPS; t++) {
    const g = gradientAt(p);
    const scale = Math.min(1, clipNorm / (Math.hypot(...g) + 1e-6));
    step(
      g.map((x) => x * scale),
      t,
    );
  }
  return p;
}

const lr = 0.02;
const cases: readonly (readonly [string, Optimizer, MakeReference])[] = [
  ["adam", adam({ learningRate: lr }), (p) => adamReference(p, { lr })],
  [
    "adam with an L2 penalty and other decays",
    adam({ learningRate: lr, weightDecay: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }),
    (p) => adamReference(p, { lr, l2: 0.1, b1: 0.8, b2: 0.95, eps: 1e-3 }),
  ],
  ["adamw", adamw({ learningRate: lr, weightDecay: 0.2 }), (p) => adamReference(p, { lr, decoupled: 0.2 })],
  ["adamax", adamax({ learningRate: lr, weightDecay: 0.1 }), (p) => adamaxReference(p, { lr, l2: 0.1 })],
  ["rmsprop", rmsprop({ learningRate: lr }), (p) => rmspropReference(p, { lr })],
  [
    "rmsprop, centered, with momentum",
    rmsprop({ learningRate: lr, centered: true, momentum: 0.9, weightDecay: 0.1, alpha: 0.9 }),
    (p) => rmspropReference(p, { lr, centered: true, momentum: 0.9, l2: 0.1, alpha: 0.9 }),
  ],
  ["sgd", sgd({ learningRate: lr, weightDecay: 0.1 }), (p) => sgdReference(p, { lr, l2: 0.1 })],
  [
    "sgd with momentum",
    sgd({ learningRate: lr, momentum: 0.9 }),
    (p) => sgdReference(p, { lr, momentum: 0.9 }),
  ],
  [
    "sgd with Nesterov's momentum",
    sgd({ learningRate: lr, momentum: 0.9, nesterov: true }),
    (p) => sgdReference(p, { lr, momentum: 0.9, nesterov: true }),
  ],
];

describe.each(cases)("%s", (_name, optimizer, make) => {
  const agrees = (ours: number[], theirs: number[]) => {
    for (const [i, value] of ours.entries()) {
      expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
    }
  };

  it("follows the float64 reference for 20 steps", async () => {
    agrees(await trained(optimizer), reference(make));
  });

  it("does so with the gradient clipped", async () => {
    agrees(await trained(optimizer, CLIP), reference(make, CLIP));
  });
});

it("refuses options out of range, by name", () => {
  expect(() => adam({ beta2: 1 })).toThrow("beta2 must be at least 0 and less than 1, got 1");
  expect(() => adamw({ weightDecay: -1 })).toThrow(/weightDecay/);
  expect(() => adamax({ epsilon: Number.NaN })).toThrow(/epsilon/);
  expect(() => rmsprop({ alpha: 2 })).toThrow(/alpha/);
  expect(() => sgd({ nesterov: true })).toThrow("nesterov needs a momentum above 0");
});
