import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Arrangement,
  blocked,
  broadcast,
  canonical,
  channelsLast,
  isPadded,
  isPlain,
  keyOf,
  places,
  plain,
  product,
  reshaped,
  transposed,
} from "./arrangement.js";
import { moveBetween } from "./move.js";

/** The digits of a place, most significant first. */
function digits(place: number, sizes: readonly number[]): number[] {
  let rest = place;
  return sizes
    .toReversed()
    .map((size) => {
      const digit = rest % size;
      rest = Math.floor(rest / size);
      return digit;
    })
    .reverse();
}

const compose = (values: readonly number[], sizes: readonly number[]) =>
  sizes.reduce((total, size, i) => total * size + values[i]!, 0);

/** Elements in logical order, read from memory as the arrangement says. */
function read({ shape, sizes, parts }: Arrangement, memory: readonly number[]): number[] {
  return Array.from({ length: product(shape) }, (_, place) => {
    const at = sizes.map(() => 0);
    for (const [axis, index] of digits(place, shape).entries()) {
      const own = parts[axis]!.map((part) => sizes[part]!);
      for (const [i, digit] of digits(index, own).entries()) at[parts[axis]![i]!] = digit;
    }
    return memory[compose(at, sizes)]!;
  });
}

const count = (size: number) => Array.from({ length: size }, (_, i) => i);

function transposeValues(values: readonly number[], shape: readonly number[], order: readonly number[]) {
  const to = order.map((axis) => shape[axis]!);
  return count(values.length).map((place) => {
    const there = digits(place, to);
    return values[
      compose(
        shape.map((_, axis) => there[order.indexOf(axis)]!),
        shape,
      )
    ]!;
  });
}

const shapes = fc.array(fc.constantFrom(1, 2, 3, 4, 6), { minLength: 1, maxLength: 4 });

/** A shape, a permutation of it, and another shape of as many elements. */
const journeys = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    order: fc.shuffledSubarray(count(shape.length), { minLength: shape.length, maxLength: shape.length }),
    cuts: fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3 }),
  }),
);

/** Splits the elements into factors that divide what is left. */
function shapeOf(size: number, cuts: readonly number[]): number[] {
  let rest = size;
  const shape = cuts.map((cut) => {
    const factor = rest % cut === 0 ? cut : 1;
    rest /= factor;
    return factor;
  });
  return [rest, ...shape];
}

describe("arrangements", () => {
  it("follow transposes and reshapes without moving an element", () => {
    fc.assert(
      fc.property(journeys, ({ shape, order, cuts }) => {
        const memory = count(product(shape));
        const turned = transposed(plain(shape), order);
        const expected = transposeValues(memory, shape, order);
        expect(read(turned, memory)).toEqual(expected);
        const wanted = shapeOf(memory.length, cuts);
        const view = reshaped(turned, wanted);
        if (!view) return;
        expect(view.shape).toEqual(wanted);
        expect(read(view, memory)).toEqual(expected);
        expect(keyOf(canonical(view))).toBe(keyOf(view));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("can always be reshaped while they are row-major", () => {
    fc.assert(
      fc.property(journeys, ({ shape, cuts }) => {
        const wanted = shapeOf(product(shape), cuts);
        expect(isPlain(reshaped(plain(shape), wanted)!)).toBe(true);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("are moved by one transpose", () => {
    fc.assert(
      fc.property(journeys, ({ shape, order }) => {
        const memory = count(product(shape));
        const source = transposed(plain(shape), order);
        const target = plain(source.shape);
        const { from, permutation, to } = moveBetween(source, target)!;
        const after = transposeValues(memory, from, permutation);
        expect(to).toEqual(permutation.map((axis) => from[axis]));
        expect(read(target, after)).toEqual(read(source, memory));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("repeat values where they are broadcast", () => {
    expect(read(broadcast(plain([2, 1]), [3, 2, 2]), [5, 7])).toEqual([5, 5, 7, 7, 5, 5, 7, 7, 5, 5, 7, 7]);
    expect(reshaped(broadcast(plain([2, 1]), [2, 3]), [6])).toBeUndefined();
  });

  it("hold channels in blocks, the last one filled up", () => {
    const arrangement = blocked([1, 3, 1, 2], 2);
    expect(read(arrangement, [0, 1, 10, 11, 2, -1, 12, -1])).toEqual([0, 10, 1, 11, 2, 12]);
    expect([isPadded(arrangement), places(arrangement, 1)]).toEqual([true, 4]);
    expect(keyOf(blocked([4, 16, 1, 1], 16))).toBe(keyOf(plain([4, 16, 1, 1])));
    expect(read(channelsLast([1, 2, 1, 2]), [0, 1, 10, 11])).toEqual([0, 10, 1, 11]);
  });

  it("flatten blocks into the order of channels last only by a view", () => {
    const turned = transposed(blocked([2, 32, 3, 3], 16), [0, 2, 3, 1]);
    const flat = reshaped(turned, [2, 288])!;
    expect(flat.sizes).toEqual([2, 2, 9, 16]);
    expect(moveBetween(plain([2, 288]), flat)).toEqual({
      from: [2, 9, 2, 16],
      permutation: [0, 2, 1, 3],
      to: [2, 2, 9, 16],
    });
  });
});
