import { isOperator, type Tensor } from "../tensor/tensor.js";
import type { Analysis } from "./rule.js";

/**
 * Every tensor that `roots` need, each once, operands before their users. `dependencies` says what
 * a tensor needs. Without recursion: graphs of training steps are tens of thousands of nodes deep.
 */
export function topologicalOrder(
  roots: readonly Tensor[],
  dependencies: (tensor: Tensor) => readonly Tensor[],
): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ tensor: root, needs: dependencies(root), next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as (typeof stack)[number];
      const need = top.needs[top.next++];
      if (need === undefined) {
        order.push(top.tensor);
        stack.pop();
      } else if (!seen.has(need)) {
        seen.add(need);
        stack.push({ tensor: need, needs: dependencies(need), next: 0 });
      }
    }
  }
  return order;
}

/** Operands whose values matter: those of a custom gradient only matter to the gradient. */
function valueOperands(tensor: Tensor): readonly Tensor[] {
  return isOperator(tensor, "customGradient") ? tensor.operands.slice(0, 1) : tensor.operands;
}

export function analyse(outputs: readonly Tensor[]): Analysis {
  const counts = new Map<Tensor, number>();
  const count = (tensor: Tensor) => counts.set(tensor, (counts.get(tensor) ?? 0) + 1);
  for (const tensor of topologicalOrder(outputs, valueOperands)) valueOperands(tensor).forEach(count);
  outputs.forEach(count);
  return { uses: (tensor) => counts.get(tensor) ?? 0 };
}
