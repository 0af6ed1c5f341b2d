import { add } from "../tensor/elementwise.js";
import { concat, pad } from "../tensor/movement.js";
import { isOperator, type Tensor, zeros } from "../tensor/tensor.js";
import type { Float } from "./rule.js";

interface Placed {
  readonly part: Float;
  readonly before: number;
  readonly after: number;
}

/** The one axis along which a tensor is padded with zeros, as the gradient of a slice is. */
function paddedAxis(x: Float): number | undefined {
  if (!isOperator(x, "pad") || x.attributes.value !== 0) return undefined;
  const { before, after } = x.attributes;
  const axes = before.flatMap((width, axis) => (width + (after[axis] as number) > 0 ? [axis] : []));
  return axes.length === 1 ? axes[0] : undefined;
}

/** Parts at distinct places of one axis as one concatenation; undefined when they overlap. */
function join(contributions: readonly Float[], axis: number): Float | undefined {
  const placed = contributions
    .map((x): Placed => {
      const { before, after } = (x as Tensor<Float["dtype"], "pad">).attributes;
      return { part: x.operands[0] as Float, before: before[axis]!, after: after[axis]! };
    })
    .sort((a, b) => a.before - b.before);
  const parts: Float[] = [];
  let end = placed[0]!.before;
  for (const { part, before } of placed) {
    if (before < end) return undefined;
    if (before > end) {
      const gap = part.shape.map((dim, i) => (i === axis ? before - end : dim));
      parts.push(zeros(gap, part.dtype));
    }
    parts.push(part);
    end = before + (part.shape[axis] as number);
  }
  const [first, last] = [placed[0]!, placed[placed.length - 1]!];
  return pad(
    concat(parts, axis),
    first.part.shape.map((_, i) => (i === axis ? [first.before, last.after] : [0, 0])),
  );
}

/**
 * The sum of the gradients that reach one tensor. Those of its slices along one axis are joined
 * instead of padded and added, so that splitting a tensor costs one concatenation.
 */
export function accumulate(contributions: readonly Float[]): Float {
  const [first] = contributions;
  if (contributions.length === 1) return first as Float;
  const byAxis = new Map<number, Float[]>();
  let terms: Float[] = [];
  for (const contribution of contributions) {
    const axis = paddedAxis(contribution);
    const list = axis === undefined ? terms : byAxis.get(axis);
    if (list) list.push(contribution);
    else byAxis.set(axis as number, [contribution]);
  }
  for (const [axis, padded] of byAxis) {
    const joined = padded.length > 1 ? join(padded, axis) : undefined;
    terms = joined ? [...terms, joined] : [...terms, ...padded];
  }
  return terms.reduce((total, term) => add(total, term) as Float);
}
