import { int } from "../onnx/attribute.js";
import { isFloat } from "../tensor/dtype.js";
import { broadcastShapes, shapeEquals } from "../tensor/shape.js";
import { isOperator, type Tensor } from "../tensor/tensor.js";
import { inKernelDType } from "./kernels.js";
import type { Analysis, EmitContext, Rules } from "./rule.js";

/** A rank-2 product with transposed operands read in place and, perhaps, a bias added. */
export interface GemmPlan {
  /** Left, right and, where there is one, the bias. */
  readonly reads: readonly Tensor[];
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
}

/** The operand of a transpose of rank 2, or the tensor itself. */
function untranspose(tensor: Tensor): Tensor {
  const isSwap = isOperator(tensor, "transpose") && tensor.shape.length === 2;
  return isSwap ? (tensor.operands[0] as Tensor) : tensor;
}

function planProduct(product: Tensor): GemmPlan | undefined {
  if (product.shape.length !== 2 || !isFloat(product.dtype)) return undefined;
  const [left, right] = product.operands as [Tensor, Tensor];
  const [a, b] = [untranspose(left), untranspose(right)];
  return { reads: [a, b], transposeLeft: a !== left, transposeRight: b !== right };
}

/** Left, right, bias of a sum that is one Gemm: a rank-2 product used nowhere else plus a bias. */
export function planBias(sum: Tensor, analysis: Analysis): GemmPlan | undefined {
  const [first, second] = sum.operands as [Tensor, Tensor];
  for (const [product, addend] of [
    [first, second],
    [second, first],
  ] as const) {
    if (!isOperator(product, "matmul") || analysis.uses(product) !== 1) continue;
    if (!shapeEquals(product.shape, sum.shape)) continue;
    const plan = planProduct(product);
    const bias = withoutBroadcast(addend, product);
    if (plan) return { ...plan, reads: [...plan.reads, bias] };
  }
  return undefined;
}

/** The source of a broadcast that Gemm does by itself. */
function withoutBroadcast(bias: Tensor, product: Tensor): Tensor {
  let source = bias;
  while (isOperator(source, "broadcastTo")) source = source.operands[0] as Tensor;
  return shapeEquals(broadcastShapes(source.shape, product.shape), product.shape) ? source : bias;
}

export function emitGemm(plan: GemmPlan, context: EmitContext): string {
  return context.add(
    "Gemm",
    plan.reads.map((operand) => context.nameOf(operand)),
    {
      ...(plan.transposeLeft ? { transA: int(1) } : {}),
      ...(plan.transposeRight ? { transB: int(1) } : {}),
    },
  );
}

export const linearRules: Rules<"matmul"> = {
  matmul: {
    reads: (x) => planProduct(x)?.reads ?? x.operands,
    emit: (x, context) => {
      const plan = planProduct(x);
      if (plan && (plan.transposeLeft || plan.transposeRight)) return emitGemm(plan, context);
      const inputs = x.operands.map((operand) => context.nameOf(operand));
      return inKernelDType(context, "MatMul", x.dtype, inputs, (names) => context.add("MatMul", names));
    },
  },
};
