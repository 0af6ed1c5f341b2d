import { isFloat } from "../tensor/dtype.js";
import type { Operator } from "../tensor/operators.js";
import { formatShape, shapeEquals } from "../tensor/shape.js";
import { isOperator, scalar, type Tensor, zeros } from "../tensor/tensor.js";
import { accumulate } from "./accumulate.js";
import type { Float, Rule } from "./rule.js";
import { rules } from "./rules.js";

export interface GradOptions {
  /** Tensors through which no gradient flows, as if they were constants. Default none. */
  readonly constants?: readonly Tensor[];
}

/** Whether a gradient can flow from x to its operands. */
function carriesGradient(x: Tensor): boolean {
  return isFloat(x.dtype) && rules[x.operator] !== "none";
}

/**
 * The nodes that lie between `wrt` and `outputs`, operands before their users. Iterative: the
 * depth of an expression is not bounded by the stack.
 */
function between(
  outputs: readonly Tensor[],
  wrt: ReadonlySet<Tensor>,
  constants: ReadonlySet<Tensor>,
): { order: Tensor[]; active: Set<Tensor> } {
  const active = new Set<Tensor>();
  const order: Tensor[] = [];
  const visited = new Set<Tensor>();
  const stack: { readonly tensor: Tensor; next: number }[] = [];
  const enter = (tensor: Tensor) => {
    if (visited.has(tensor)) return;
    visited.add(tensor);
    if (constants.has(tensor)) return;
    stack.push({ tensor, next: carriesGradient(tensor) ? 0 : tensor.operands.length });
  };
  for (const output of outputs) {
    enter(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (top.next < top.tensor.operands.length) {
        enter(top.tensor.operands[top.next++] as Tensor);
        continue;
      }
      stack.pop();
      const { tensor } = top;
      const reaches = carriesGradient(tensor) && tensor.operands.some((x) => active.has(x));
      if (!reaches && !wrt.has(tensor)) continue;
      active.add(tensor);
      order.push(tensor);
    }
  }
  return { order, active };
}

/**
 * Vector-Jacobian product: for each tensor of `wrt`, Σ ⟨cotangent, ∂output / ∂tensor⟩ over the
 * outputs. `wrt` may name inputs or intermediate expressions; a tensor on which no output depends
 * gets zeros. The results are expressions and can be differentiated again.
 *
 * Throws a `TypeError` when a cotangent does not have its output's shape and dtype, or when a
 * tensor of `wrt` is not of a floating dtype or is a constant.
 */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
  { constants = [] }: GradOptions = {},
): Tensor[] {
  if (outputs.length !== cotangents.length) {
    throw new TypeError(
      `vjp needs one cotangent for each of ${outputs.length} outputs, got ${cotangents.length}`,
    );
  }
  for (const [i, x] of wrt.entries()) {
    if (!isFloat(x.dtype)) {
      throw new TypeError(`gradients need float tensors, but number ${i} of wrt is ${x.dtype}`);
    }
    // Rules use the values of constants (x² has the derivative 2x), so these cannot vary.
    if (isOperator(x, "constant")) {
      throw new TypeError(`number ${i} of wrt is a constant; make it an input`);
    }
  }
  const { order, active } = between(outputs, new Set(wrt), new Set(constants));
  const arriving = new Map<Tensor, Float[]>();
  const arrive = (at: Tensor, gradient: Float) => {
    const list = arriving.get(at);
    if (list) list.push(gradient);
    else arriving.set(at, [gradient]);
  };
  for (const [i, output] of outputs.entries()) {
    const cotangent = cotangents[i] as Float;
    if (cotangent.dtype !== output.dtype || !shapeEquals(cotangent.shape, output.shape)) {
      throw new TypeError(
        `cotangent ${i} is ${cotangent.dtype}${formatShape(cotangent.shape)}, but its output is ${output.dtype}${formatShape(output.shape)}`,
      );
    }
    if (active.has(output)) arrive(output, cotangent);
  }
  const results = new Map<Tensor, Float>();
  const wanted = new Set(wrt);
  for (let i = order.length - 1; i >= 0; i--) {
    const output = order[i] as Float;
    const contributions = arriving.get(output);
    if (!contributions) continue;
    arriving.delete(output);
    const gradient = accumulate(contributions);
    if (wanted.has(output)) results.set(output, gradient);
    if (!output.operands.some((x) => active.has(x)) || !carriesGradient(output)) continue;
    const rule = rules[output.operator] as Rule<Operator>;
    for (const [index, contribution] of rule(gradient, output).entries()) {
      const to = output.operands[index] as Tensor;
      const flows = contribution && active.has(to) && isFloat(to.dtype) ? contribution() : undefined;
      if (flows) arrive(to, flows);
    }
  }
  return wrt.map((x) => results.get(x) ?? zeros(x.shape, x.dtype as Float["dtype"]));
}

/**
 * Gradients of the scalar y with respect to each tensor of `wrt` (inputs or intermediate
 * expressions), in their shapes. The gradients are expressions and can be differentiated again.
 *
 * Throws a `TypeError` when y is not a float scalar.
 */
export function grad(y: Tensor, wrt: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  if (!isFloat(y.dtype) || y.shape.length !== 0) {
    throw new TypeError(
      `grad needs a float scalar, got ${y.dtype}${formatShape(y.shape)}; reduce it with sum() or mean(), or use vjp()`,
    );
  }
  return vjp([y], [scalar(1, y.dtype)], wrt, options);
}
