import type { Operator } from "../../tensor/operators.js";
import { isStatic } from "../../tensor/shape.js";
import { isOperator, type Tensor } from "../../tensor/tensor.js";
import { unbroadcast } from "../elementwise.js";
import { planBias } from "../linear.js";
import { portable } from "../portable.js";
import type { Analysis, EmitContext, Lowering, Rule } from "../rule.js";
import { affineOf, affineReads, emitAffine } from "./affine.js";
import { emitBatchedProduct, isBatchedProduct } from "./batched-product.js";
import type { NativeBuilder } from "./builder.js";
import { emitConvolution, emitGradientOfKernel } from "./convolution.js";
import { emitElementwise } from "./elementwise.js";
import { fusionOf } from "./fusion.js";
import { emitProduct, type Product } from "./matmul.js";
import { viewBroadcast, viewReshape, viewTranspose } from "./movement.js";
import { plainName } from "./rearrange.js";
import { emitSum } from "./reduction.js";
import { emitSumOfSquares, squaredIn } from "./square.js";
import { rowMajorValue, type Value } from "./value.js";

/** Operators that work place by place, whatever the order of the places. */
const elementwise: ReadonlySet<Operator> = new Set([
  ...(["neg", "exp", "log", "sqrt", "reciprocal", "abs", "sign", "floor", "ceil", "round"] as const),
  ...(["sin", "cos", "tanh", "erf", "sigmoid", "softplus", "relu", "step", "leakyRelu"] as const),
  ...(["not", "isNaN", "isInfinite", "cast", "add", "sub", "mul", "div", "pow", "minimum"] as const),
  ...(["maximum", "mod", "equal", "less", "lessEqual", "greater", "greaterEqual", "and"] as const),
  ...(["or", "xor", "where"] as const),
]);

function isFixed(tensor: Tensor): boolean {
  return isStatic(tensor.shape) && !tensor.shape.includes(0) && tensor.dtype !== "string";
}

/** Whether the rules here may take a tensor: fixed, non-empty shapes, its own and its operands'. */
function isNative(tensor: Tensor): boolean {
  return isFixed(tensor) && tensor.operands.every(isFixed);
}

function isMatrixProduct(tensor: Tensor): boolean {
  return (
    isOperator(tensor, "matmul") &&
    tensor.dtype === "float32" &&
    tensor.operands.every((operand) => operand.shape.length === 2)
  );
}

/** The product of matrices that a tensor is, alone, transposed or with a bias that Gemm adds. */
function productOf(tensor: Tensor, analysis: Analysis): Product | undefined {
  if (isMatrixProduct(tensor)) return { product: tensor, isTransposed: false };
  if (tensor.shape.length !== 2) return undefined;
  const inner = tensor.operands.find(
    (operand) => isMatrixProduct(operand) && analysis.uses(operand) === 1 && isNative(operand),
  );
  if (!inner) return undefined;
  if (isOperator(tensor, "transpose")) return { product: inner, isTransposed: true };
  const plan = isOperator(tensor, "add") && planBias(tensor, analysis);
  const bias = plan ? plan.reads[2] : undefined;
  return bias && isFixed(bias) ? { product: inner, isTransposed: false, bias } : undefined;
}

/** Emission that keeps values in the order in which they come and moves them only when asked to. */
export function nativeLowering(context: EmitContext, block: number | undefined): Lowering {
  const values = new Map<Tensor, Value>();
  const made = new Map<string, unknown>();

  const builder: NativeBuilder = {
    context,
    block,
    valueOf(tensor) {
      const known = values.get(tensor);
      if (known) return known;
      const value = lower(tensor);
      values.set(tensor, value);
      return value;
    },
    once<T>(key: string, make: () => T): T {
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as T;
    },
  };

  const emitPortably = (tensor: Tensor): string => {
    const rule = portable.rules[tensor.operator] as Rule;
    return rule.emit(tensor, { ...context, nameOf });
  };

  // Tensors without a fixed shape have a name and no arrangement.
  const names = new Map<Tensor, string>();
  const nameOf = (tensor: Tensor): string => {
    if (isFixed(tensor)) return plainName(builder, builder.valueOf(tensor));
    const name = names.get(tensor) ?? emitPortably(tensor);
    names.set(tensor, name);
    return name;
  };

  const lower = (tensor: Tensor): Value => natively(tensor) ?? rowMajorValue(tensor, emitPortably(tensor));

  const natively = (tensor: Tensor): Value | undefined => {
    if (!isNative(tensor)) return undefined;
    const product = productOf(tensor, context);
    if (product) return emitProduct(builder, product);
    if (isBatchedProduct(tensor)) return emitBatchedProduct(builder, tensor);
    if (isOperator(tensor, "transpose")) return viewTranspose(builder, tensor);
    if (isOperator(tensor, "reshape")) return viewReshape(builder, tensor);
    if (isOperator(tensor, "broadcastTo")) return viewBroadcast(builder, tensor);
    if (isOperator(tensor, "stopGradient") || isOperator(tensor, "customGradient")) {
      return builder.valueOf(tensor.operands[0]!);
    }
    if (tensor.dtype === "float32") {
      const fusion = fusionOf(tensor, context);
      const value = fusion && emitConvolution(builder, fusion);
      if (value) return value;
      const affine = affineOf(tensor, context);
      const mapped = affine && emitAffine(builder, affine);
      if (mapped) return mapped;
      if (isOperator(tensor, "convKernelGradient")) return emitGradientOfKernel(builder, tensor);
      const squared = squaredIn(tensor, context);
      if (squared) return emitSumOfSquares(builder, tensor, squared);
      if (isOperator(tensor, "sum")) return emitSum(builder, tensor);
    }
    return elementwise.has(tensor.operator) ? emitElementwise(builder, tensor) : undefined;
  };

  return {
    emit: (tensor) => {
      if (isFixed(tensor)) builder.valueOf(tensor);
      else nameOf(tensor);
    },
    nameOf,
  };
}

/** What the native rules read of a tensor: not what they fuse into its nodes. */
export function nativeReads(tensor: Tensor, analysis: Analysis): readonly Tensor[] {
  const rule = portable.rules[tensor.operator] as Rule;
  const standard = () => rule.reads?.(tensor, analysis) ?? tensor.operands;
  if (!isNative(tensor)) return standard();
  if (isOperator(tensor, "customGradient")) return tensor.operands.slice(0, 1);
  if (tensor.dtype === "float32") {
    const fusion = fusionOf(tensor, analysis);
    if (fusion) return [...fusion.convolution.operands, ...(fusion.bias ? [fusion.bias] : [])];
    const squared = squaredIn(tensor, analysis);
    if (squared) return [squared];
    const affine = affineOf(tensor, analysis);
    if (affine) return affineReads(affine);
    const product = productOf(tensor, analysis);
    if (product) return [...product.product.operands, ...(product.bias ? [product.bias] : [])];
  }
  return elementwise.has(tensor.operator) ? unbroadcast(tensor) : standard();
}
