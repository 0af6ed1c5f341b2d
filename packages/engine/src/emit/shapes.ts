import { int } from "../onnx/attribute.js";
import { type Dim, dimEquals, isStatic, isSymbolic, type Shape } from "../tensor/shape.js";
import type { EmitContext } from "./rule.js";

/** Name of the one-dimensional int64 value that holds a shape. */
function shapeValue(context: EmitContext, shape: Shape): string {
  if (isStatic(shape)) return context.int64(shape);
  const parts: string[] = [];
  let known: number[] = [];
  const flush = () => {
    if (known.length > 0) parts.push(context.int64(known));
    known = [];
  };
  for (const dim of shape) {
    if (isSymbolic(dim)) {
      flush();
      parts.push(context.dimension(dim));
    } else known.push(dim);
  }
  flush();
  return parts.length === 1 ? (parts[0] as string) : context.add("Concat", parts, { axis: int(0) });
}

/** Reshapes a value; `from` is its present shape. */
export function addReshape(context: EmitContext, name: string, from: Shape, to: Shape): string {
  const symbolic = to.filter(isSymbolic).length;
  const isKept = (dim: Dim, axis: number) => axis < from.length && dimEquals(from[axis] as Dim, dim);
  const inferred = to.map((dim, axis) => (isSymbolic(dim) ? (isKept(dim, axis) ? 0 : -1) : dim));
  if (to.includes(0)) {
    return context.add("Reshape", [name, shapeValue(context, to)], { allowzero: int(1) });
  }
  // With one symbol left to infer the shape is a constant; an empty batch keeps 0 and -1 apart.
  const isInferable = symbolic <= 1 || inferred.every((dim) => dim !== -1);
  return context.add("Reshape", [name, isInferable ? context.int64(inferred) : shapeValue(context, to)]);
}

/** Broadcasts a value; `from` is its present shape. */
export function addExpand(context: EmitContext, name: string, from: Shape, to: Shape): string {
  // Expand keeps an axis where the wanted length is 1.
  const wanted = to.map((dim, axis) => {
    const own = from[axis - to.length + from.length];
    return own !== undefined && dimEquals(own, dim) ? 1 : dim;
  });
  return context.add("Expand", [name, shapeValue(context, wanted)]);
}
