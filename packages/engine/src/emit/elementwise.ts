import { float, int } from "../onnx/attribute.js";
import type { DType } from "../tensor/dtype.js";
import { isFloat } from "../tensor/dtype.js";
import type { Operator } from "../tensor/operators.js";
import { broadcastShapes, shapeEquals } from "../tensor/shape.js";
import { isOperator, type Tensor } from "../tensor/tensor.js";
import { inKernelDType } from "./kernels.js";
import { emitGemm, planBias } from "./linear.js";
import type { Attributes, EmitContext, Rule, Rules } from "./rule.js";

/**
 * The operands without those broadcasts that the operator does by itself: `broadcastTo` is
 * skipped where the result keeps its shape without it.
 */
export function unbroadcast(tensor: Tensor): readonly Tensor[] {
  let operands = tensor.operands;
  for (let i = 0; i < operands.length; i++) {
    for (let operand = operands[i] as Tensor; isOperator(operand, "broadcastTo"); ) {
      operand = operand.operands[0] as Tensor;
      const shorter = operands.with(i, operand);
      const shape = broadcastShapes(...shorter.map((x) => x.shape));
      if (!shapeEquals(shape, tensor.shape)) break;
      operands = shorter;
    }
  }
  return operands;
}

function namesOf(operands: readonly Tensor[], context: EmitContext): string[] {
  return operands.map((operand) => context.nameOf(operand));
}

function unary<O extends Operator>(
  opType: string,
  attributes?: (tensor: Tensor<DType, O>) => Attributes,
): Rule<O> {
  return {
    emit: (x, context) =>
      inKernelDType(context, opType, x.dtype, namesOf(x.operands, context), (inputs) =>
        context.add(opType, inputs, attributes?.(x)),
      ),
  };
}

/** For operators that leave integers as they are. */
function floatUnary<O extends Operator>(opType: string): Rule<O> {
  return {
    emit: (x, context) => {
      const name = context.nameOf(x.operands[0]!);
      return isFloat(x.dtype) ? context.add(opType, [name]) : name;
    },
  };
}

function binary<O extends Operator>(opType: string): Rule<O> {
  return {
    reads: unbroadcast,
    emit: (x, context) =>
      inKernelDType(context, opType, x.dtype, namesOf(unbroadcast(x), context), (inputs) =>
        context.add(opType, inputs),
      ),
  };
}

/** 1 where x > 0, else 0. */
function emitStep(x: Tensor, context: EmitContext): string {
  const name = context.nameOf(x.operands[0]!);
  if (x.dtype === "float32") {
    // One pass, and the fastest of the forms measured. With the largest float as its slope only
    // subnormal numbers fall on the ramp.
    return context.add("HardSigmoid", [name], { alpha: float(3.4028234663852886e38), beta: float(0) });
  }
  return context.cast(context.add("Greater", [name, context.scalar(x.dtype, 0)]), x.dtype);
}

/** max(x, 0) - log(sigmoid(|x|)), which neither overflows nor cancels. */
function emitSoftplus(x: Tensor, context: EmitContext): string {
  const name = context.nameOf(x.operands[0]!);
  const distance = context.add("Log", [context.add("Sigmoid", [context.add("Abs", [name])])]);
  return context.add("Sub", [context.add("Relu", [name]), distance]);
}

function emitRelu(x: Tensor, context: EmitContext): string {
  const name = context.nameOf(x.operands[0]!);
  if (x.dtype === "uint8") return name;
  if (x.dtype === "int64") return context.add("Max", [name, context.scalar("int64", 0)]);
  return context.add("Relu", [name]);
}

function emitLeakyRelu(x: Tensor<DType, "leakyRelu">, context: EmitContext): string {
  const name = context.nameOf(x.operands[0]!);
  const { slope } = x.attributes;
  if (x.dtype === "float32") return context.add("LeakyRelu", [name], { alpha: float(slope) });
  const scaled = context.add("Mul", [name, context.scalar(x.dtype, slope)]);
  const isPositive = context.add("Greater", [name, context.scalar(x.dtype, 0)]);
  return context.add("Where", [isPositive, name, scaled]);
}

/** The remainder with the divisor's sign; ONNX has it for integers, and C's fmod for floats. */
function emitMod(x: Tensor, context: EmitContext): string {
  const [a, b] = namesOf(unbroadcast(x), context) as [string, string];
  if (!isFloat(x.dtype)) return context.add("Mod", [a, b]);
  const remainder = context.add("Mod", [a, b], { fmod: int(1) });
  const zero = context.scalar(x.dtype, 0);
  const opposite = context.add("Less", [context.add("Mul", [context.add("Sign", [remainder]), b]), zero]);
  return context.add("Where", [opposite, context.add("Add", [remainder, b]), remainder]);
}

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

export const elementwiseRules: Rules<Elementwise> = {
  neg: unary("Neg"),
  exp: unary("Exp"),
  log: unary("Log"),
  sqrt: unary("Sqrt"),
  reciprocal: unary("Reciprocal"),
  abs: unary("Abs"),
  sign: unary("Sign"),
  floor: floatUnary("Floor"),
  ceil: floatUnary("Ceil"),
  round: floatUnary("Round"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  tanh: unary("Tanh"),
  erf: unary("Erf"),
  sigmoid: unary("Sigmoid"),
  softplus: { emit: emitSoftplus },
  relu: { emit: emitRelu },
  step: { emit: emitStep },
  leakyRelu: { emit: emitLeakyRelu },
  not: unary("Not"),
  isNaN: unary("IsNaN"),
  isInfinite: unary("IsInf"),
  cast: { emit: (x, context) => context.cast(context.nameOf(x.operands[0]!), x.attributes.to) },
  add: {
    reads: (x, analysis) => planBias(x, analysis)?.reads ?? unbroadcast(x),
    emit: (x, context) => {
      const plan = planBias(x, context);
      return plan ? emitGemm(plan, context) : context.add("Add", namesOf(unbroadcast(x), context));
    },
  },
  sub: binary("Sub"),
  mul: binary("Mul"),
  div: binary("Div"),
  pow: binary("Pow"),
  minimum: binary("Min"),
  maximum: binary("Max"),
  mod: { reads: unbroadcast, emit: emitMod },
  equal: binary("Equal"),
  less: binary("Less"),
  lessEqual: binary("LessOrEqual"),
  greater: binary("Greater"),
  greaterEqual: binary("GreaterOrEqual"),
  and: binary("And"),
  or: binary("Or"),
  xor: binary("Xor"),
  where: {
    reads: unbroadcast,
    emit: (x, context) => {
      const [condition, ...branches] = namesOf(unbroadcast(x), context) as [string, string, string];
      return inKernelDType(context, "Where", x.dtype, branches, (inputs) =>
        context.add("Where", [condition, ...inputs]),
      );
    },
  },
};
