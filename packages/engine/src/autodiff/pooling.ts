import { add, and, cast, equal, mul, not, or } from "../tensor/elementwise.js";
import { broadcastTo, pad, reshape, slice, stack } from "../tensor/movement.js";
import type { PoolAttributes } from "../tensor/operators.js";
import type { Dim } from "../tensor/shape.js";
import { constant, type Tensor, zeros } from "../tensor/tensor.js";
import { type Float, operand, type Rules } from "./rule.js";

type Pair = readonly [number, number];

interface Tap {
  readonly row: number;
  readonly column: number;
}

/** Offsets of the window's taps from its corner, in row-major order. */
function tapsOf({ kernel, dilations }: PoolAttributes): Tap[] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => ({
    row: Math.floor(i / kernel[1]) * dilations[0],
    column: (i % kernel[1]) * dilations[1],
  }));
}

/** Rows and columns of NCHW data. */
function lastTwo(x: Tensor): Pair {
  return [x.shape[2] as number, x.shape[3] as number];
}

function padImage(x: Float, top: number, bottom: number, left: number, right: number, value = 0): Float {
  return pad(
    x,
    [
      [0, 0],
      [0, 0],
      [top, bottom],
      [left, right],
    ],
    value,
  );
}

/** What a tap sees of the padded image: one element for each window. */
function seenBy(tap: Tap, padded: Float, { strides }: PoolAttributes, [rows, columns]: Pair): Float {
  const range = (start: number, count: number, step: number) => ({
    start,
    end: start + (count - 1) * step + 1,
    step,
  });
  return slice(padded, {
    2: range(tap.row, rows, strides[0]),
    3: range(tap.column, columns, strides[1]),
  });
}

/**
 * The transpose of `seenBy`, summed over taps: an image like x whose elements collect what the
 * taps hold for them. The image is made as its stride × stride phases, which are interleaved once.
 */
function collect(taps: readonly Tap[], held: readonly Float[], attributes: PoolAttributes, x: Float): Float {
  const [down, across] = attributes.strides;
  const [top, bottom, left, right] = attributes.padding;
  const [rows, columns] = lastTwo(x);
  const phaseRows = Math.ceil((rows + top + bottom) / down);
  const phaseColumns = Math.ceil((columns + left + right) / across);
  const phases = new Map<number, Float>();
  for (const [i, tap] of taps.entries()) {
    const values = held[i] as Float;
    const [height, width] = lastTwo(values);
    const [above, before] = [Math.floor(tap.row / down), Math.floor(tap.column / across)];
    const placed = padImage(values, above, phaseRows - above - height, before, phaseColumns - before - width);
    const phase = (tap.row % down) * across + (tap.column % across);
    const sum = phases.get(phase);
    phases.set(phase, sum ? (add(sum, placed) as Float) : placed);
  }
  const lead: Dim[] = x.shape.slice(0, 2);
  const phaseAt = (index: number) => phases.get(index) ?? zeros([...lead, phaseRows, phaseColumns], x.dtype);
  const wide = Array.from({ length: down }, (_, row) => {
    const parts = Array.from({ length: across }, (_, column) => phaseAt(row * across + column));
    return reshape(stack(parts, 4), [...lead, phaseRows, phaseColumns * across]);
  });
  const image = reshape(stack(wide, 3), [...lead, phaseRows * down, phaseColumns * across]);
  return slice(image, {
    2: { start: top, end: top + rows },
    3: { start: left, end: left + columns },
  });
}

/** For each tap, 1 for the windows whose first largest element it sees, else 0. */
function winners(taps: readonly Tap[], x: Float, output: Float, attributes: PoolAttributes): Float[] {
  const padded = padImage(x, ...attributes.padding, Number.NEGATIVE_INFINITY);
  const size = lastTwo(output);
  let decided: Tensor<"bool"> | undefined;
  return taps.map((tap) => {
    const attains = equal(seenBy(tap, padded, attributes, size), output);
    const first = decided ? and(attains, not(decided)) : attains;
    decided = decided ? or(decided, attains) : attains;
    return cast(first, x.dtype) as Float;
  });
}

/** 1 / the number of elements in each window, padding not counted; a number when all are alike. */
function windowWeights(attributes: PoolAttributes, x: Float, output: Float): Float | number {
  const taps = tapsOf(attributes);
  if (attributes.padding.every((width) => width === 0)) return 1 / taps.length;
  const [height, width] = lastTwo(x);
  const [rows, columns] = lastTwo(output);
  const [top, , left] = attributes.padding;
  const [down, across] = attributes.strides;
  const inside = (position: number, size: number) => position >= 0 && position < size;
  const weights = Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns) * down - top;
    const column = (i % columns) * across - left;
    const count = taps.filter((t) => inside(row + t.row, height) && inside(column + t.column, width)).length;
    return 1 / Math.max(1, count);
  });
  return constant(weights, [1, 1, rows, columns], x.dtype);
}

/** Whether the windows tile the image, each element in exactly one. */
function tiles({ kernel, strides, dilations, padding }: PoolAttributes, x: Float, output: Float): boolean {
  const [rows, columns] = lastTwo(output);
  const [height, width] = lastTwo(x);
  return (
    kernel.every((taps, i) => taps === strides[i] && (dilations[i] === 1 || taps === 1)) &&
    padding.every((side) => side === 0) &&
    rows * kernel[0] === height &&
    columns * kernel[1] === width
  );
}

/** Each element of y repeated over its window; windows must tile the image. */
function repeatOverWindows(y: Float, kernel: Pair, x: Float): Float {
  const [batch, channels, rows, columns] = y.shape as readonly [Dim, Dim, number, number];
  const spread = reshape(y, [batch, channels, rows, 1, columns, 1]);
  return reshape(broadcastTo(spread, [batch, channels, rows, kernel[0], columns, kernel[1]]), x.shape);
}

/** A tie within a window goes to its first element in row-major order. */
export const poolingRules: Rules<"maxPool" | "averagePool"> = {
  maxPool: (gradient, output) => {
    const x = operand(output, 0);
    return [
      () => {
        const taps = tapsOf(output.attributes);
        const held = winners(taps, x, output, output.attributes).map((won) => mul(gradient, won) as Float);
        return collect(taps, held, output.attributes, x);
      },
    ];
  },
  averagePool: (gradient, output) => {
    const x = operand(output, 0);
    return [
      () => {
        const part = mul(gradient, windowWeights(output.attributes, x, output)) as Float;
        if (tiles(output.attributes, x, output)) {
          return repeatOverWindows(part, output.attributes.kernel, x);
        }
        const taps = tapsOf(output.attributes);
        return collect(
          taps,
          taps.map(() => part),
          output.attributes,
          x,
        );
      },
    ];
  },
};
