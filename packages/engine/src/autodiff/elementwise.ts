import {
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  floor,
  greater,
  greaterEqual,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  square,
  step,
  sub,
  where,
} from "../tensor/elementwise.js";
import type { Operator } from "../tensor/operators.js";
import { isOperator, type Tensor } from "../tensor/tensor.js";
import { type Contribution, type Float, operand, type Rule, type Rules, reduced } from "./rule.js";

type Elementwise =
  | "neg"
  | "exp"
  | "log"
  | "sqrt"
  | "reciprocal"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "step"
  | "leakyRelu"
  | "not"
  | "isNaN"
  | "isInfinite"
  | "cast"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "minimum"
  | "maximum"
  | "mod"
  | "equal"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual"
  | "and"
  | "or"
  | "xor"
  | "where";

/** Rule of a function of one operand, from its derivative in terms of the operand x and the value y. */
function unary<O extends Operator>(
  derivative: (x: Float, y: Float, attributes: Tensor<"float32", O>["attributes"]) => Float,
): Rule<O> {
  return (gradient, output) => {
    const x = operand(output, 0);
    return [() => mul(gradient, derivative(x, output, output.attributes))];
  };
}

type Partial = (gradient: Float, a: Float, b: Float, y: Float) => Float;

/** Rule of a function of two operands that broadcast. */
function binary(first: Partial, second: Partial): Rule<Operator> {
  return (gradient, output) => {
    const [a, b] = [operand(output, 0), operand(output, 1)];
    return [
      reduced(a, () => first(gradient, a, b, output)),
      reduced(b, () => second(gradient, a, b, output)),
    ];
  };
}

/**
 * 1 / (2 √x), and 0 at x = 0, so that a norm has gradient 0 at the origin. The divisor there is 1,
 * which keeps the gradient of this gradient finite too.
 */
function halfReciprocal(root: Float): Float {
  const positive = step(root);
  return div(mul(positive, 0.5), add(root, sub(1, positive) as Float) as Float) as Float;
}

/** 1 where a > b, one half where they tie, else 0. */
function share(a: Float, b: Float): Float {
  const wins = cast(greater(a, b), a.dtype) as Float;
  const holds = cast(greaterEqual(a, b), a.dtype) as Float;
  return mul(add(wins, holds) as Float, 0.5) as Float;
}

/** The single number of a constant with one element. */
function constantNumber(x: Tensor): number | undefined {
  if (!isOperator(x, "constant") || x.attributes.data.length !== 1) return undefined;
  return Number(x.attributes.data[0]);
}

/**
 * b · a^(b - 1), where the exponent of a factor b = 0 is replaced so that 0 · 0^-1 is 0. For
 * 0 < b < 1 the derivative at a = 0 is infinite, as it should be.
 */
function powerOfBase(gradient: Float, a: Float, b: Float): Float {
  const exponent = constantNumber(b);
  if (exponent === undefined) {
    const lowered = where(equal(b, 0), 1, sub(b, 1) as Float) as Float;
    return mul(gradient, mul(b, pow(a, lowered)) as Float) as Float;
  }
  if (exponent === 1) return gradient;
  if (exponent === 2) return mul(gradient, mul(a, 2) as Float) as Float;
  const lowered = exponent === 0 ? 1 : exponent - 1;
  return mul(gradient, mul(pow(a, lowered) as Float, exponent) as Float) as Float;
}

const shareOfLarger: Rule<"maximum"> = (gradient, output) => {
  const [a, b] = [operand(output, 0), operand(output, 1)];
  return [
    reduced(a, () => mul(gradient, share(a, b)) as Float),
    reduced(b, () => mul(gradient, share(b, a)) as Float),
  ];
};

const shareOfSmaller: Rule<"minimum"> = (gradient, output) => {
  const [a, b] = [operand(output, 0), operand(output, 1)];
  return [
    reduced(a, () => mul(gradient, share(b, a)) as Float),
    reduced(b, () => mul(gradient, share(a, b)) as Float),
  ];
};

/**
 * Gradients of the elementwise operators. Where a derivative jumps: relu'(0) = 0, |x|'(0) = 0,
 * sqrt'(0) = 0, and operands of minimum and maximum that tie get half each.
 */
export const elementwiseRules: Rules<Elementwise> = {
  neg: (gradient) => [() => neg(gradient)],
  exp: unary((_, y) => y),
  log: (gradient, output) => [() => div(gradient, operand(output, 0)) as Float],
  sqrt: unary((_, y) => halfReciprocal(y)),
  reciprocal: unary((_, y) => neg(square(y))),
  abs: unary((x) => sign(x)),
  sign: "none",
  floor: "none",
  ceil: "none",
  round: "none",
  sin: unary((x) => cos(x)),
  cos: unary((x) => neg(sin(x))),
  tanh: unary((_, y) => sub(1, square(y)) as Float),
  erf: unary((x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)) as Float),
  sigmoid: unary((_, y) => mul(y, sub(1, y) as Float) as Float),
  softplus: unary((x) => sigmoid(x)),
  // From the output, so that a fused activation need not keep its input.
  relu: unary((_, y) => step(y)),
  step: "none",
  leakyRelu: unary<"leakyRelu">((x, y, { slope }) =>
    add(mul(step(slope < 0 ? x : y), 1 - slope) as Float, slope),
  ),
  not: "none",
  isNaN: "none",
  isInfinite: "none",
  cast: (gradient, output) => [() => cast(gradient, operand(output, 0).dtype) as Float],
  add: binary(
    (gradient) => gradient,
    (gradient) => gradient,
  ),
  sub: binary(
    (gradient) => gradient,
    (gradient) => neg(gradient),
  ),
  mul: binary(
    (gradient, _, b) => mul(gradient, b) as Float,
    (gradient, a) => mul(gradient, a) as Float,
  ),
  div: binary(
    (gradient, _, b) => div(gradient, b) as Float,
    (gradient, _, b, y) => neg(div(mul(gradient, y) as Float, b) as Float),
  ),
  pow: binary(
    (gradient, a, b) => powerOfBase(gradient, a, b),
    // 0^b for b > 0 is constant in b; log(1) in place of log(0) says so without 0 · ∞.
    (gradient, a, _, y) => mul(gradient, mul(y, log(where(equal(a, 0), 1, a) as Float)) as Float) as Float,
  ),
  minimum: shareOfSmaller,
  maximum: shareOfLarger,
  mod: binary(
    (gradient) => gradient,
    (gradient, a, b) => neg(mul(gradient, floor(div(a, b) as Float)) as Float),
  ),
  equal: "none",
  less: "none",
  lessEqual: "none",
  greater: "none",
  greaterEqual: "none",
  and: "none",
  or: "none",
  xor: "none",
  where: (gradient, output): Contribution[] => {
    const condition = output.operands[0] as Tensor<"bool">;
    return [
      undefined,
      reduced(operand(output, 1), () => where(condition, gradient, 0) as Float),
      reduced(operand(output, 2), () => where(condition, 0, gradient) as Float),
    ];
  },
};
