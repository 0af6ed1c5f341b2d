import { lax, nn, numpy as np } from "@jax-js/jax";
import * as t from "../tensor/index.js";
import { broadcasting, oneShape } from "../testing/draws.js";
import { type Draw, describeGradients, type Float, type GradientCase } from "../testing/gradients.js";
import { type JaxArray, jaxArray } from "../testing/jax.js";

const positive = (normal: number) => Math.exp(0.5 * normal);

function unary(
  name: string,
  ours: (x: Float) => t.Tensor,
  theirs: ((x: JaxArray) => JaxArray) | string,
  options: Partial<GradientCase<Draw>> = {},
): GradientCase<Draw> {
  return {
    name,
    draw: oneShape(),
    ours: ([x]) => ours(x as Float) as Float,
    theirs: typeof theirs === "string" ? theirs : (x) => theirs(x(0)),
    ...options,
  };
}

function binary(
  name: string,
  ours: (a: Float, b: Float) => t.Tensor,
  theirs: ((a: JaxArray, b: JaxArray) => JaxArray) | string,
  options: Partial<GradientCase<Draw>> = {},
): GradientCase<Draw> {
  return {
    name,
    draw: broadcasting(2),
    ours: ([a, b]) => ours(a as Float, b as Float) as Float,
    theirs: typeof theirs === "string" ? theirs : (x) => theirs(x(0), x(1)),
    runs: 10,
    ...options,
  };
}

describeGradients("elementwise, one operand", [
  unary("neg", t.neg, np.negative),
  unary("exp", t.exp, np.exp),
  unary("log", t.log, np.log, { domain: positive }),
  unary("sqrt", t.sqrt, np.sqrt, { domain: positive }),
  unary("reciprocal", t.reciprocal, np.reciprocal, { domain: positive }),
  unary("abs", t.abs, np.absolute),
  unary(
    "sign",
    (x) => t.mul(t.sign(x), x),
    (x) => np.sign(x.ref).mul(x),
  ),
  unary(
    "floor",
    (x) => t.mul(t.floor(x), x),
    (x) => np.floor(x.ref).mul(x),
  ),
  unary(
    "ceil",
    (x) => t.mul(t.ceil(x), x),
    (x) => np.ceil(x.ref).mul(x),
  ),
  unary(
    "round",
    (x) => t.mul(t.round(x), x),
    (x) => np.round(x.ref).mul(x),
  ),
  unary("sin", t.sin, np.sin),
  unary("cos", t.cos, np.cos),
  unary("tanh", t.tanh, np.tanh),
  // ONNX Runtime has erf in float32 only: the step is a compromise of rounding and curvature.
  unary("erf", t.erf, lax.erf, { step: 5e-3, domain: (normal) => 0.5 * normal }),
  unary("sigmoid", t.sigmoid, nn.sigmoid),
  unary("softplus", t.softplus, nn.softplus),
  unary("relu", t.relu, nn.relu),
  unary("step", (x) => t.mul(t.step(x), x), nn.relu),
  unary(
    "leakyRelu",
    (x) => t.leakyRelu(x, 0.2),
    (x) => nn.leakyRelu(x, 0.2),
  ),
  unary(
    "leakyRelu with a negative slope",
    (x) => t.leakyRelu(x, -0.5),
    (x) => nn.leakyRelu(x, -0.5),
  ),
  unary(
    "cast",
    (x) => t.cast(t.cast(x, "float32"), x.dtype),
    (x) => x.mul(1),
    { step: 0.25 },
  ),
  unary(
    "clip",
    (x) => t.clip(x, -0.5, 0.7),
    (x) => np.clip(x, -0.5, 0.7),
  ),
  unary("square", t.square, np.square),
  unary("logSigmoid", t.logSigmoid, nn.logSigmoid),
  unary("elu", t.elu, (x) => nn.elu(x)),
  unary("log1p", t.log1p, np.log1p, { domain: positive }),
  unary("expm1", t.expm1, np.expm1),
]);

describeGradients("elementwise, several operands", [
  binary("add", t.add, np.add),
  binary("sub", t.sub, np.subtract),
  binary("mul", t.mul, np.multiply),
  binary("div", t.div, np.trueDivide, { domain: positive }),
  // Bases away from 1, where jax-js's logarithm has errors of 1e-3.
  binary("pow", t.pow, np.power, { domain: (normal) => 1.5 + positive(normal) }),
  binary("minimum", t.minimum, np.minimum),
  binary("maximum", t.maximum, np.maximum),
  binary("mod", t.mod, "jax-js gives the divisor's gradient of C's remainder", { domain: positive }),
  ...[-1, 0, 1, 2, 2.5, 3].map((exponent) =>
    unary(
      `pow ${exponent}`,
      (x) => t.pow(x, exponent),
      (x) => np.power(x, exponent),
      { domain: positive },
    ),
  ),
  {
    name: "where",
    draw: broadcasting(3),
    ours: ([a, b, c]) =>
      t.where(t.greater(a as Float, 0), b as Float, t.mul(c as Float, a as Float) as Float) as Float,
    theirs: (x) => np.where(x(0).greater(0), x(1), x(2).mul(x(0))),
    runs: 10,
  },
  binary(
    "products with a constant",
    (a, b) => t.mul(t.mul(a, 3) as Float, t.sub(2, b) as Float),
    (a, b) => a.mul(3).mul(jaxArray([2], [1]).reshape([]).sub(b)),
  ),
]);
