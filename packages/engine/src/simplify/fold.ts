import { type DType, isFloat } from "../tensor/dtype.js";
import type { Operator } from "../tensor/operators.js";
import { staticShape } from "../tensor/shape.js";
import { constant, type Tensor } from "../tensor/tensor.js";
import { numberOf } from "./constants.js";
import type { Rewrite } from "./rule.js";

type Fold = (a: number, b: number) => number;

function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/** Exact on integers too. */
const anyNumber: { readonly [O in Operator]?: Fold } = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  relu: (a) => (a > 0 || Number.isNaN(a) ? a : 0),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  minimum: Math.min,
  maximum: Math.max,
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
};

const floats: { readonly [O in Operator]?: Fold } = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (a) => 1 / a,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  softplus: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  isNaN: (a) => Number(Number.isNaN(a)),
  isInfinite: (a) => Number(Math.abs(a) === Number.POSITIVE_INFINITY),
};

const bools: { readonly [O in Operator]?: Fold } = {
  not: (a) => 1 - a,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

function foldOf(operator: Operator, from: DType): Fold | undefined {
  if (from === "bool") return bools[operator];
  if (isFloat(from)) return anyNumber[operator] ?? floats[operator];
  return from === "uint8" ? undefined : anyNumber[operator];
}

/** Whether an integer result is exact and within its dtype. */
function fits(value: number, dtype: DType): boolean {
  if (dtype === "int32") return value === (value | 0);
  return dtype === "int64" ? Number.isSafeInteger(value) : true;
}

/** An elementwise operator on constants of one element each, as a constant. */
export const foldScalars: Rewrite = (x) => {
  const [a, b] = x.operands;
  if (!a || x.operands.length > 2) return undefined;
  const first = numberOf(a);
  const second = b ? numberOf(b) : 0;
  if (first === undefined || second === undefined) return undefined;
  const value =
    x.operator === "cast" ? castNumber(first, a, x.dtype) : foldOf(x.operator, a.dtype)?.(first, second);
  if (value === undefined || !fits(value, x.dtype)) return undefined;
  return constant([value], staticShape(x.shape, "a constant"), x.dtype);
};

function castNumber(value: number, from: Tensor, to: DType): number | undefined {
  if (isFloat(to)) return value;
  if (to === "bool") return value === 0 ? 0 : 1;
  if (to === "uint8" || !Number.isFinite(value)) return undefined;
  return isFloat(from.dtype) ? Math.trunc(value) : value;
}
