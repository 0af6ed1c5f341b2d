import type { DType } from "../tensor/dtype.js";
import type { EmitContext } from "./rule.js";

const wideUint8 = { uint8: "int32" } as const;
const singlePrecision = { float64: "float32" } as const;

/**
 * The dtype to compute in where ONNX Runtime (node and web, 1.30) has no kernel for an operator.
 * Integer results wrap as they would in their own dtype; float64 loses its extra digits.
 */
const substitutes: Readonly<Record<string, Partial<Readonly<Record<DType, DType>>>>> = {
  Neg: wideUint8,
  Pow: wideUint8,
  MatMul: wideUint8,
  ReduceSum: wideUint8,
  ReduceProd: wideUint8,
  CumSum: wideUint8,
  Where: { bool: "uint8" },
  Erf: singlePrecision,
  Conv: singlePrecision,
  ConvTranspose: singlePrecision,
  AveragePool: singlePrecision,
};

/**
 * Builds nodes in a dtype the operator has a kernel for: `build` gets the names of `inputs`,
 * converted where that is another dtype, and its result is converted back.
 */
export function inKernelDType(
  context: EmitContext,
  opType: string,
  dtype: DType,
  inputs: readonly string[],
  build: (inputs: readonly string[]) => string,
): string {
  const substitute = substitutes[opType]?.[dtype];
  if (!substitute) return build(inputs);
  return context.cast(build(inputs.map((name) => context.cast(name, substitute))), dtype);
}
