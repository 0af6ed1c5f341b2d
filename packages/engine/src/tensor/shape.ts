/**
 * Shapes. A dimension is a number or a multiple of a symbol: saved graphs keep their batch
 * dimension symbolic (`N`), and a Monte-Carlo graph may have `32·N` rows.
 */
export interface SymbolicDim {
  readonly symbol: string;
  readonly factor: number;
}

export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];

/** The symbolic dimension `factor · name`. */
export function symbol(name: string, factor = 1): SymbolicDim {
  return { symbol: name, factor };
}

export function isSymbolic(dim: Dim): dim is SymbolicDim {
  return typeof dim !== "number";
}

export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** The shape as plain numbers. Throws a `TypeError` naming `what` when a dimension is symbolic. */
export function staticShape(shape: Shape, what: string): readonly number[] {
  if (!isStatic(shape)) {
    throw new TypeError(`${what} needs a fixed shape, but got ${formatShape(shape)}`);
  }
  return shape;
}

/** One dimension as a plain number. Throws a `TypeError` naming `what` when it is symbolic. */
export function staticDim(dim: Dim | undefined, what: string): number {
  if (typeof dim !== "number") {
    throw new TypeError(`${what} needs a fixed dimension, but got ${dim ? formatDim(dim) : "none"}`);
  }
  return dim;
}

export function dimEquals(a: Dim, b: Dim): boolean {
  if (typeof a === "number" || typeof b === "number") return a === b;
  return a.symbol === b.symbol && a.factor === b.factor;
}

export function shapeEquals(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dimEquals(dim, b[i] as Dim));
}

export function formatDim(dim: Dim): string {
  if (typeof dim === "number") return String(dim);
  return dim.factor === 1 ? dim.symbol : `${dim.factor}${dim.symbol}`;
}

export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDim).join(", ")}]`;
}

/** Product of dimensions; at most one of them may be symbolic. */
export function sizeOf(shape: Shape): Dim {
  let factor = 1;
  let name: string | undefined;
  for (const dim of shape) {
    if (typeof dim === "number") {
      factor *= dim;
      continue;
    }
    if (name !== undefined) {
      throw new TypeError(
        `${formatShape(shape)} has two symbolic dimensions; their product is not supported`,
      );
    }
    name = dim.symbol;
    factor *= dim.factor;
  }
  return name === undefined || factor === 0 ? factor : { symbol: name, factor };
}

/** numpy's broadcasting rule for any number of shapes. Throws a `TypeError` when they do not fit. */
export function broadcastShapes(...shapes: Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length];
      if (dim === undefined || dim === 1 || dimEquals(dim, result)) continue;
      if (result !== 1) {
        throw new TypeError(`shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`);
      }
      result = dim;
    }
    return result;
  });
}

/** An axis counted from the front; negative axes count from the end. Throws a `RangeError` outside the rank. */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new RangeError(`axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return normal;
}

/** Sorted, distinct, front-counted axes; `undefined` means all of them. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, rank));
  const distinct = [...new Set(list)].sort((a, b) => a - b);
  if (distinct.length !== list.length) throw new RangeError(`axes [${list.join(", ")}] repeat`);
  return distinct;
}
