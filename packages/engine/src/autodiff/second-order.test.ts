import { grad as jaxGrad, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { randomStream } from "../random/index.js";
import { simplify } from "../simplify/simplify.js";
import * as t from "../tensor/index.js";
import { expectGradient, type Float } from "../testing/gradients.js";
import { evaluate, host } from "../testing/index.js";
import { type JaxArray, jaxGradients } from "../testing/jax.js";
import { grad } from "./grad.js";

type F32 = t.Tensor<"float32">;

function normal(name: string, shape: readonly number[]) {
  const stream = randomStream(1, name);
  return host(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
    shape,
  );
}

describe("gradients of gradients", () => {
  it("WGAN-GP's gradient penalty: value and gradients as jax-js", async () => {
    const data = [normal("x", [5, 4]), normal("w", [4, 6]), normal("b", [6]), normal("v", [6, 1])];
    const [x, w, b, v] = data.map(({ shape }, i) => t.input(`x${i}`, shape)) as [F32, F32, F32, F32];
    const critic = t.matmul(t.softplus(t.add(t.matmul(x, w), b) as F32), v);
    const slopes = grad(t.sum(critic), [x])[0] as F32;
    const norms = t.sqrt(t.sum(t.square(slopes), { axis: 1 }));
    const penalty = t.mean(t.square(t.sub(norms, 1) as F32));
    const gradients = simplify([penalty, ...grad(penalty, [x, w, b, v])]);
    const outputs = Object.fromEntries(gradients.map((tensor, i) => [`g${i}`, tensor]));
    const results = await evaluate(outputs, Object.fromEntries(data.map((tensor, i) => [`x${i}`, tensor])));

    const softplus = (z: JaxArray) => np.log(np.exp(z).add(1));
    const theirs = (get: (i: number) => JaxArray) => {
      const score = (at: JaxArray) => np.sum(np.matmul(softplus(np.matmul(at, get(1)).add(get(2))), get(3)));
      const at = jaxGrad(score)(get(0)) as JaxArray;
      const lengths = np.sqrt(np.sum(np.square(at), 1));
      return np.mean(np.square(lengths.sub(1)));
    };
    const oracle = await jaxGradients(theirs, data, host([1], []));
    expect(results.g0).toBeAllClose(oracle.value, { rtol: 1e-4 });
    for (const [i, expected] of oracle.gradients.entries()) {
      expect(results[`g${i + 1}`]).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  it("Hessian-vector products of a convolutional network: as central differences of its gradient", async () => {
    // ONNX Runtime convolves in float32: a wide step, on a smooth function.
    const loss = ([x, kernel, dense]: Float[]) => {
      const hidden = t.tanh(t.conv2d(x as Float, kernel as Float, { strides: 2, padding: "same" }));
      return t.sum(t.square(t.matmul(t.flatten(hidden), dense as Float)));
    };
    const data = [
      normal("image", [2, 1, 5, 5]),
      normal("kernel", [2, 1, 3, 3]),
      normal("dense", [18, 2]),
    ].map((tensor) => ({ ...tensor, data: tensor.data.map((value) => 0.3 * value) }));
    const along = data.map(({ shape }, i) => normal(`along ${i}`, shape));
    const product = (xs: Float[]) =>
      (grad(loss(xs), xs) as Float[])
        .map((gradient, i) => {
          const { data: values, shape } = along[i] as t.HostTensor<"float32">;
          return t.sum(t.mul(gradient, t.constant(Float64Array.from(values), shape, "float64")) as Float);
        })
        .reduce((a, b) => t.add(a, b) as Float);
    await expectGradient(product, data, { step: 1e-2, rtol: 2e-3 });
  });

  it.each<[string, (x: Float) => Float]>([
    ["softplus", (x) => t.sum(t.softplus(x))],
    ["logSumExp", (x) => t.sum(t.logSumExp(x, { axis: 1 }))],
    ["matmul", (x) => t.sum(t.square(t.matmul(x, t.transpose(x))))],
    ["softmax", (x) => t.sum(t.square(t.softmax(x)))],
    ["a norm", (x) => t.sqrt(t.sum(t.square(x)))],
    ["the variance", (x) => t.sum(t.log(t.variance(x, { axis: 0 })))],
  ])("third derivatives of %s: as central differences", async (_, f) => {
    const point = { ...normal("x", [3, 4]), dtype: "float32" as const };
    const [m, n] = [normal("m", [3, 4]), normal("n", [3, 4])].map(({ data, shape }) =>
      t.constant(Float64Array.from(data), shape, "float64"),
    ) as [Float, Float];
    const once = (x: Float) => t.sum(t.mul(grad(f(x), [x])[0] as Float, m) as Float);
    const twice = (x: Float) => t.sum(t.mul(grad(once(x), [x])[0] as Float, n) as Float);
    await expectGradient(([x]) => twice(x as Float), [point]);
  });
});
