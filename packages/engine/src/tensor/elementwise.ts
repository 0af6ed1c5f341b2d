import type { DType, FloatDType, NumericDType } from "./dtype.js";
import { customGradient } from "./gradient.js";
import type { Operator } from "./operators.js";
import { broadcastShapes } from "./shape.js";
import { node, type Operand, operands, requireFloat, scalar, type Tensor } from "./tensor.js";

type FloatUnary =
  | "exp"
  | "log"
  | "sqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "sigmoid"
  | "softplus";
type NumericUnary = "neg" | "abs" | "sign" | "relu" | "step" | "floor" | "ceil" | "round";
type Arithmetic = "add" | "sub" | "mul" | "div" | "pow" | "minimum" | "maximum" | "mod";
type Comparison = "equal" | "less" | "lessEqual" | "greater" | "greaterEqual";
type Logical = "and" | "or" | "xor";

function requireNumeric(name: Operator, x: Tensor): void {
  if (x.dtype === "bool" || x.dtype === "string") {
    throw new TypeError(`${name} needs a numeric tensor, got ${x.dtype}; use cast()`);
  }
}

function floatUnary(operator: FloatUnary) {
  return <D extends FloatDType>(x: Tensor<D>): Tensor<D> => {
    requireFloat(operator, x);
    return node(operator, [x], {}, x.shape, x.dtype);
  };
}

function numericUnary(operator: NumericUnary) {
  return <D extends NumericDType>(x: Tensor<D>): Tensor<D> => {
    requireNumeric(operator, x);
    return node(operator, [x], {}, x.shape, x.dtype);
  };
}

function arithmetic(operator: Arithmetic) {
  return <D extends NumericDType = "float32">(a: Operand<D>, b: Operand<D>): Tensor<D> => {
    const [x, y] = operands(operator, a, b) as [Tensor<D>, Tensor<D>];
    requireNumeric(operator, x);
    return node(operator, [x, y], {}, broadcastShapes(x.shape, y.shape), x.dtype);
  };
}

function comparison(operator: Comparison) {
  return <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<"bool"> => {
    const [x, y] = operands<D>(operator, a, b) as [Tensor<D>, Tensor<D>];
    if (operator !== "equal") requireNumeric(operator, x);
    return node(operator, [x, y], {}, broadcastShapes(x.shape, y.shape), "bool");
  };
}

function logical(operator: Logical) {
  return (a: Tensor<"bool">, b: Tensor<"bool">): Tensor<"bool"> => {
    for (const x of [a, b]) {
      if (x.dtype !== "bool") throw new TypeError(`${operator} needs bool tensors, got ${x.dtype}`);
    }
    return node(operator, [a, b], {}, broadcastShapes(a.shape, b.shape), "bool");
  };
}

export const neg = numericUnary("neg");
export const abs = numericUnary("abs");
/** -1, 0 or 1; its gradient is 0. */
export const sign = numericUnary("sign");
export const floor = numericUnary("floor");
export const ceil = numericUnary("ceil");
/** To the nearest integer, halves to even. */
export const round = numericUnary("round");
export const relu = numericUnary("relu");
/** 1 where x > 0, else 0; its gradient is 0. */
export const step = numericUnary("step");

export const exp = floatUnary("exp");
export const log = floatUnary("log");
export const sqrt = floatUnary("sqrt");
export const reciprocal = floatUnary("reciprocal");
export const sin = floatUnary("sin");
export const cos = floatUnary("cos");
export const tanh = floatUnary("tanh");
export const erf = floatUnary("erf");
export const sigmoid = floatUnary("sigmoid");
/** log(1 + exp(x)), exact for large |x|. */
export const softplus = floatUnary("softplus");

export const add = arithmetic("add");
export const sub = arithmetic("sub");
export const mul = arithmetic("mul");
/** Quotient; integer tensors divide towards zero. */
export const div = arithmetic("div");
export const pow = arithmetic("pow");
export const minimum = arithmetic("minimum");
export const maximum = arithmetic("maximum");
/** Remainder with the sign of the divisor. */
export const mod = arithmetic("mod");

export const equal = comparison("equal");
export const less = comparison("less");
export const lessEqual = comparison("lessEqual");
export const greater = comparison("greater");
export const greaterEqual = comparison("greaterEqual");

export const and = logical("and");
export const or = logical("or");
export const xor = logical("xor");

export function not(x: Tensor<"bool">): Tensor<"bool"> {
  return node("not", [x], {}, x.shape, "bool");
}

export function notEqual<D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<"bool"> {
  return not(equal(a, b));
}

export function isNaN(x: Tensor<FloatDType>): Tensor<"bool"> {
  requireFloat("isNaN", x);
  return node("isNaN", [x], {}, x.shape, "bool");
}

export function isInfinite(x: Tensor<FloatDType>): Tensor<"bool"> {
  requireFloat("isInfinite", x);
  return node("isInfinite", [x], {}, x.shape, "bool");
}

/** True where x is neither NaN nor infinite. */
export function isFinite(x: Tensor<FloatDType>): Tensor<"bool"> {
  return not(or(isNaN(x), isInfinite(x)));
}

/** The tensor with another dtype; floats are truncated towards zero, bool is 0 or 1. */
export function cast<D extends DType>(x: Tensor, to: D): Tensor<D> {
  if ((x.dtype as DType) === to) return x as Tensor<D>;
  if (x.dtype === "string" || to === "string") {
    throw new TypeError(`cast does not convert ${x.dtype} to ${to}; use labelEncode() for strings`);
  }
  return node("cast", [x], { to }, x.shape, to);
}

/** `then` where the condition holds, else `otherwise`; all three broadcast. */
export function where<D extends DType>(
  condition: Tensor<"bool">,
  then: Operand<D>,
  otherwise: Operand<D>,
): Tensor<D> {
  if (condition.dtype !== "bool") throw new TypeError(`where needs a bool condition, got ${condition.dtype}`);
  const [x, y] = operands("where", then, otherwise) as [Tensor<D>, Tensor<D>];
  const shape = broadcastShapes(condition.shape, x.shape, y.shape);
  return node("where", [condition, x, y], {}, shape, x.dtype);
}

/** x limited to [low, high]; the gradient is 1 within, the bounds included, and 0 outside. */
export function clip<D extends NumericDType>(x: Tensor<D>, low: number, high: number): Tensor<D> {
  const limited: Tensor<D> = minimum(maximum(x, low), high);
  return customGradient(limited, [x], (gradient) => [
    mul(gradient as Tensor<D>, cast(equal(limited, x), x.dtype)),
  ]);
}

export function square<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return mul(x, x);
}

/** -log(1 + exp(-x)), exact for large |x|. */
export function logSigmoid<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return neg(softplus(neg(x)));
}

/** x where x > 0, else slope · x. */
export function leakyRelu<D extends FloatDType>(x: Tensor<D>, slope = 0.01): Tensor<D> {
  requireFloat("leakyRelu", x);
  return node("leakyRelu", [x], { slope }, x.shape, x.dtype);
}

/** x where x > 0, else exp(x) - 1. */
export function elu<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  const slope = exp(minimum(x, 0) as Tensor<D>);
  return customGradient(add(relu(x), sub(slope, 1) as Tensor<D>) as Tensor<D>, [x], (gradient) => [
    mul(gradient as Tensor<D>, slope),
  ]);
}

/**
 * log(1 + x) without the loss of digits near 0, by Kahan's correction: with u = 1 + x,
 * log(u) · x / (u - 1), and x itself where u rounds to 1. Above 1 there is nothing to correct.
 */
export function log1p<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  const near = minimum(x, 1) as Tensor<D>;
  const u = add(near, 1) as Tensor<D>;
  const rounded = equal(u, 1);
  const correction = div(near, where(rounded, 1, sub(u, 1)) as Tensor<D>) as Tensor<D>;
  const total = add(x, 1) as Tensor<D>;
  const value = where(rounded, x, mul(log(total), correction)) as Tensor<D>;
  return customGradient(value, [x], (gradient) => [div(gradient as Tensor<D>, total)]);
}

/**
 * exp(x) - 1 without the loss of digits near 0: tanh(x / 2) · (exp(x) + 1), and exp(x) - 1
 * where x is large enough that nothing cancels.
 */
export function expm1<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  const small = less(abs(x), 1);
  const near = where(small, x, 0) as Tensor<D>;
  const power = exp(x);
  const value = where(small, mul(tanh(mul(near, 0.5)), add(exp(near), 1)), sub(power, 1)) as Tensor<D>;
  return customGradient(value, [x], (gradient) => [mul(gradient as Tensor<D>, power)]);
}

/** A tensor of the same dtype as `like` holding one number. */
export function scalarLike<D extends DType>(like: Tensor<D>, value: number): Tensor<D> {
  return scalar(value, like.dtype);
}
