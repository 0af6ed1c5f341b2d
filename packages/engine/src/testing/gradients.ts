import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad, vjp } from "../autodiff/grad.js";
import { randomStream } from "../random/index.js";
import type { FloatDType, HostTensor } from "../tensor/dtype.js";
import { add, mul } from "../tensor/elementwise.js";
import { stopGradient } from "../tensor/gradient.js";
import { sum } from "../tensor/reduction.js";
import { staticShape } from "../tensor/shape.js";
import { constant, input, type Tensor } from "../tensor/tensor.js";
import { evaluate } from "./evaluate.js";
import { host } from "./host.js";
import { type JaxArray, jaxGradients } from "./jax.js";
import "./matchers.js";

export type Float = Tensor<FloatDType>;

/** What is drawn for one run of a case; the case may add attributes. */
export interface Draw {
  readonly shapes: readonly (readonly number[])[];
}

/** A function whose value and gradients are compared with an oracle. */
export interface GradientCase<P extends Draw> {
  readonly name: string;
  readonly draw: fc.Arbitrary<P>;
  readonly ours: (xs: Float[], drawn: P) => Float;
  /** The same in jax-js; a sentence on why not, where jax-js lacks it or is wrong. */
  readonly theirs: ((x: (index: number) => JaxArray, drawn: P) => JaxArray) | string;
  /** Moves standard normal samples to where the function is defined. Default: as they are. */
  readonly domain?: (normal: number) => number;
  /** Relative tolerance against jax-js. Default 1e-4. */
  readonly tolerance?: number;
  /**
   * Half the distance of central differences. Default 1e-5, in float64. Functions that ONNX
   * Runtime computes in float32 only need a large one; for multilinear ones any is exact.
   */
  readonly step?: number;
  /** Runs with shapes and values drawn anew. Default 6. */
  readonly runs?: number;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

function samples<D extends FloatDType>(
  seed: number,
  name: string,
  shape: readonly number[],
  dtype: D,
  map: (normal: number) => number = (normal) => normal,
): HostTensor<D> {
  const stream = randomStream(seed, name);
  const values = Array.from({ length: sizeOf(shape) }, () => map(stream.normal()));
  return host(values, shape, dtype);
}

/** Absolute tolerance that goes with a relative one: a tenth of it, of the largest element. */
function tolerance(rtol: number, expected: readonly number[]): { rtol: number; atol: number } {
  return { rtol, atol: 1e-7 + 0.1 * rtol * Math.max(0, ...expected.map(Math.abs)) };
}

async function compareWithJax<P extends Draw>(item: GradientCase<P>, drawn: P, seed: number): Promise<void> {
  const { theirs } = item;
  if (typeof theirs === "string") throw new Error(theirs);
  const inputs = drawn.shapes.map((shape, i) => samples(seed, `x${i}`, shape, "float32", item.domain));
  const xs = inputs.map((x, i) => input(`x${i}`, x.shape));
  const y = item.ours(xs, drawn) as Tensor<"float32">;
  const cotangent = samples(seed, "cotangent", staticShape(y.shape, "a case"), "float32");
  const gradients = vjp([y], [constant(cotangent.data, cotangent.shape)], xs);
  const outputs: Record<string, Tensor> = { y };
  for (const [i, gradient] of gradients.entries()) outputs[`g${i}`] = gradient;
  const feeds = Object.fromEntries(inputs.map((x, i) => [`x${i}`, x]));
  const results = (await evaluate(outputs, feeds)) as Record<string, HostTensor>;
  const oracle = await jaxGradients((x) => theirs(x, drawn), inputs, cotangent);
  const rtol = item.tolerance ?? 1e-4;
  expect(results.y).toBeAllClose(oracle.value, tolerance(rtol, oracle.value));
  for (const [i, expected] of oracle.gradients.entries()) {
    expect(results[`g${i}`]?.shape).toEqual(drawn.shapes[i]);
    expect(results[`g${i}`]).toBeAllClose(expected, tolerance(rtol, expected));
  }
}

/**
 * Compares grad(f) with central differences of f along a random direction of each operand, in one
 * float64 program.
 */
export async function expectGradient(
  f: (xs: Float[]) => Float,
  points: readonly HostTensor<FloatDType>[],
  { step = 1e-5, rtol = 1e-5, seed = 1 } = {},
): Promise<void> {
  // Behind stopGradient a constant is an expression like any other, which may vary.
  const at = (data: ArrayLike<number>, shape: readonly number[]): Float =>
    stopGradient(constant(Float64Array.from(data), shape, "float64"));
  const xs = points.map(({ data, shape }) => at(data, shape));
  const gradients = grad(f(xs), xs) as Float[];
  const outputs: Record<string, Tensor> = {};
  for (const [i, { data, shape }] of points.entries()) {
    const direction = samples(seed, `direction ${i}`, shape, "float64").data;
    const shifted = (by: number) =>
      xs.with(
        i,
        at(
          Array.from(data, (value, j) => value + by * (direction[j] as number)),
          shape,
        ),
      );
    outputs[`slope${i}`] = sum(mul(gradients[i] as Float, at(direction, shape)) as Float);
    outputs[`high${i}`] = f(shifted(step));
    outputs[`low${i}`] = f(shifted(-step));
  }
  const results = (await evaluate(outputs)) as Record<string, HostTensor<"float64">>;
  const number = (name: string) => (results[name] as HostTensor<"float64">).data[0] as number;
  for (const i of points.keys()) {
    const difference = (number(`high${i}`) - number(`low${i}`)) / (2 * step);
    expect(number(`slope${i}`)).toBeAllClose(difference, { rtol, atol: rtol });
  }
}

/** Σ f · k, whose gradients reach f's operands through k. */
function weighted(f: (xs: Float[]) => Float): (xs: Float[]) => Float {
  return (xs) => sum(mul(f(xs.slice(0, -1)), xs[xs.length - 1] as Float) as Float);
}

/** Σᵢ gᵢ · mᵢ over the gradients gᵢ of Σ f · k: its gradient takes every rule's own gradient. */
function gradientProduct(f: (xs: Float[]) => Float, seed: number): (xs: Float[]) => Float {
  const loss = weighted(f);
  return (xs) => {
    const inputs = xs.slice(0, -1);
    const gradients = grad(loss(xs), inputs) as Float[];
    const products = gradients.map((gradient, i) => {
      const { data, shape } = samples(seed, `m${i}`, staticShape(gradient.shape, "a gradient"), "float64");
      return sum(mul(gradient, constant(data, shape, "float64")) as Float);
    });
    return products.reduce((total, product) => add(total, product) as Float);
  };
}

async function compareWithDifferences<P extends Draw>(
  item: GradientCase<P>,
  drawn: P,
  seed: number,
  order: 1 | 2,
): Promise<void> {
  const f = (xs: Float[]) => item.ours(xs, drawn);
  const points = drawn.shapes.map((shape, i) => samples(seed, `x${i}`, shape, "float64", item.domain));
  const y = f(points.map(({ shape }, i) => input(`x${i}`, shape, "float64")));
  points.push(samples(seed, "k", staticShape(y.shape, "a case"), "float64"));
  const g = order === 1 ? weighted(f) : gradientProduct(f, seed);
  const inSinglePrecision = item.step !== undefined;
  await expectGradient(g, points, {
    seed,
    ...(inSinglePrecision ? { step: item.step, rtol: 1e-4 } : { rtol: 1e-5 }),
  });
}

/**
 * Tests of a function's value and gradients against jax-js in float32 (against central differences
 * where jax-js cannot serve), and of the gradients of its gradients against central differences.
 */
export function testGradients<P extends Draw>(item: GradientCase<P>): void {
  const { name, theirs, draw, runs = 6 } = item;
  const check = (numRuns: number, property: (drawn: P, seed: number) => Promise<void>) =>
    fc.assert(fc.asyncProperty(draw, fc.nat(1e6), property), { numRuns, seed: 1, endOnFailure: true });
  if (typeof theirs === "string") {
    it(`${name}: gradients as central differences (${theirs})`, () =>
      check(runs, (drawn, seed) => compareWithDifferences(item, drawn, seed, 1)));
  } else {
    it(`${name}: value and gradients as jax-js`, () =>
      check(runs, (drawn, seed) => compareWithJax(item, drawn, seed)));
  }
  it(`${name}: gradients of gradients as central differences`, () =>
    check(Math.ceil(runs / 3), (drawn, seed) => compareWithDifferences(item, drawn, seed, 2)));
}

/** `testGradients` of each case. */
export function describeGradients<P extends Draw>(family: string, cases: readonly GradientCase<P>[]): void {
  describe(family, () => {
    for (const item of cases) testGradients(item);
  });
}
