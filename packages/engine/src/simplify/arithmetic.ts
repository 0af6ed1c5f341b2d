import { isFloat, type NumericDType } from "../tensor/dtype.js";
import { abs, add, div, mul, neg, reciprocal, sub } from "../tensor/elementwise.js";
import { shapeEquals } from "../tensor/shape.js";
import { full, isOperator, type Tensor } from "../tensor/tensor.js";
import { inShape, isNormal, isProvablyFinite, numberOf } from "./constants.js";
import { operand, type Rewrite, type Rewrites } from "./rule.js";

type Numeric = Tensor<NumericDType>;

function pair(x: Tensor): [Numeric, Numeric] {
  return [operand(x, 0) as Numeric, operand(x, 1) as Numeric];
}

/** The operand of a negation. */
function negated(x: Tensor): Numeric | undefined {
  return isOperator(x, "neg") ? (operand(x) as Numeric) : undefined;
}

/** A product with a constant factor, in either order. */
function scaled(x: Tensor): { factor: number; rest: Numeric } | undefined {
  if (!isOperator(x, "mul")) return undefined;
  const [a, b] = pair(x);
  const [first, second] = [numberOf(a), numberOf(b)];
  if (second !== undefined) return { factor: second, rest: a };
  return first === undefined ? undefined : { factor: first, rest: b };
}

const simplifyNeg: Rewrite<"neg"> = (x) => {
  const a = operand(x) as Numeric;
  const inner = negated(a);
  if (inner) return inner;
  if (isOperator(a, "sub")) return sub(operand(a, 1) as Numeric, operand(a, 0) as Numeric);
  const product = scaled(a);
  if (product && isFloat(x.dtype)) return mul(product.rest, -product.factor);
  const quotient = isOperator(a, "div") && isFloat(x.dtype) ? numberOf(operand(a)) : undefined;
  return quotient === undefined ? undefined : div(-quotient, operand(a, 1) as Numeric);
};

const simplifyAdd: Rewrite<"add"> = (x) => {
  const [a, b] = pair(x);
  if (numberOf(b) === 0) return inShape(a, x.shape);
  if (numberOf(a) === 0) return inShape(b, x.shape);
  const [minusA, minusB] = [negated(a), negated(b)];
  if (minusB) return sub(a, minusB);
  return minusA ? sub(b, minusA) : undefined;
};

const simplifySub: Rewrite<"sub"> = (x) => {
  const [a, b] = pair(x);
  if (numberOf(b) === 0) return inShape(a, x.shape);
  if (numberOf(a) === 0) return inShape(neg(b), x.shape);
  const minusB = negated(b);
  return minusB ? add(a, minusB) : undefined;
};

/** Product of x with a number. */
function scale(x: Tensor, a: Numeric, factor: number): Tensor | undefined {
  if (factor === 1) return inShape(a, x.shape);
  if (factor === -1) return inShape(neg(a), x.shape);
  if (factor === 0 && isProvablyFinite(a)) return full(x.shape, 0, x.dtype);
  if (!isFloat(x.dtype)) return undefined;
  const inner = negated(a);
  if (inner) return inShape(mul(inner, -factor), x.shape);
  const product = scaled(a);
  if (product && isNormal(product.factor * factor, x.dtype)) {
    return inShape(mul(product.rest, product.factor * factor), x.shape);
  }
  const numerator = isOperator(a, "div") ? numberOf(operand(a)) : undefined;
  if (numerator === undefined || !isNormal(numerator * factor, x.dtype)) return undefined;
  return inShape(div(numerator * factor, operand(a, 1) as Numeric), x.shape);
}

/** -a ∘ b as -(a ∘ b), so that signs meet and cancel; only where that negates no more elements. */
function liftSigns(x: Tensor, operator: typeof mul | typeof div): Tensor | undefined {
  const [a, b] = pair(x);
  const [minusA, minusB] = [negated(a), negated(b)];
  if (minusA && minusB) return operator(minusA, minusB);
  if (minusA && shapeEquals(a.shape, x.shape)) return neg(operator(minusA, b));
  return minusB && shapeEquals(b.shape, x.shape) ? neg(operator(a, minusB)) : undefined;
}

const simplifyMul: Rewrite<"mul"> = (x) => {
  const [a, b] = pair(x);
  const [first, second] = [numberOf(a), numberOf(b)];
  if (second !== undefined) return scale(x, a, second);
  if (first !== undefined) return scale(x, b, first);
  return liftSigns(x, mul);
};

const simplifyDiv: Rewrite<"div"> = (x) => {
  const [a, b] = pair(x);
  if (!isFloat(x.dtype)) return numberOf(b) === 1 ? inShape(a, x.shape) : undefined;
  const divisor = numberOf(b);
  if (divisor !== undefined && isNormal(1 / divisor, x.dtype)) return mul(a, inverse(b, divisor));
  return liftSigns(x, div);
};

/** 1 / divisor, with the divisor's shape, as the constant folder makes it. */
function inverse(b: Numeric, divisor: number): Numeric {
  return full(b.shape, 1 / divisor, b.dtype);
}

const simplifyPow: Rewrite<"pow"> = (x) => {
  const [a, b] = pair(x);
  const exponent = numberOf(b);
  if (exponent === 0) return full(x.shape, 1, x.dtype);
  if (exponent === 1) return inShape(a, x.shape);
  if (exponent === 2) return inShape(mul(a, a), x.shape);
  if (exponent === 3) return inShape(mul(mul(a, a) as Numeric, a), x.shape);
  return exponent === -1 && isFloat(x.dtype)
    ? inShape(reciprocal(a as Tensor<"float32">), x.shape)
    : undefined;
};

/** f(f(x)) = f(x). */
function idempotent<O extends "abs" | "relu" | "floor" | "ceil" | "round" | "step" | "sign">(): Rewrite<O> {
  return (x) => (isOperator(operand(x), x.operator) ? operand(x) : undefined);
}

/** f(x, x) = x. */
function ofEquals<O extends "minimum" | "maximum">(): Rewrite<O> {
  return (x) => (operand(x, 0) === operand(x, 1) ? operand(x, 0) : undefined);
}

/**
 * Arithmetic on reals that also holds on floats up to rounding. The sign of a zero is not kept. An
 * overflow between two steps that are merged (scaling by 1e30, then by 1e-30; log of exp) is
 * avoided; none is added. Sums are never reassociated: (x + 1) - 1 keeps its rounding.
 */
export const arithmeticRewrites: Rewrites = {
  neg: simplifyNeg,
  add: simplifyAdd,
  sub: simplifySub,
  mul: simplifyMul,
  div: simplifyDiv,
  pow: simplifyPow,
  log: (x) => (isOperator(operand(x), "exp") ? operand(operand(x)) : undefined),
  abs: (x) => {
    const inner = negated(operand(x));
    return inner ? abs(inner) : isOperator(operand(x), "abs") ? operand(x) : undefined;
  },
  relu: idempotent<"relu">(),
  floor: idempotent<"floor">(),
  ceil: idempotent<"ceil">(),
  round: idempotent<"round">(),
  step: idempotent<"step">(),
  sign: idempotent<"sign">(),
  minimum: ofEquals<"minimum">(),
  maximum: ofEquals<"maximum">(),
};
