import type { Target } from "../emit/index.js";
import { nativeTarget } from "../emit/native/index.js";
import { machineTarget } from "../runtime/probe.js";
import { isOperator, type Tensor } from "../tensor/index.js";

function hasConvolution(outputs: readonly Tensor[]): boolean {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (isOperator(tensor, "conv") || isOperator(tensor, "convTranspose")) return true;
    stack.push(...tensor.operands);
  }
  return false;
}

/** The target of this machine; it is probed for blocked convolutions only where there are convolutions. */
export async function chooseTarget(outputs: Readonly<Record<string, Tensor>>): Promise<Target> {
  return hasConvolution(Object.values(outputs)) ? machineTarget() : nativeTarget();
}
