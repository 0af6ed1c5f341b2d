import fc from "fast-check";
import type { Draw } from "./gradients.js";

/** A shape of `minRank` to `maxRank` axes of 1 to 4. */
export function anyShape(minRank = 0, maxRank = 3): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });
}

/** One operand of any shape. */
export function oneShape(minRank = 0, maxRank = 3): fc.Arbitrary<Draw> {
  return anyShape(minRank, maxRank).map((shape) => ({ shapes: [shape] }));
}

/** `count` shapes that broadcast together: leading axes are dropped, others are 1. */
export function broadcasting(count: number, maxRank = 3): fc.Arbitrary<Draw> {
  return anyShape(0, maxRank).chain((full) => {
    const part = fc
      .tuple(fc.nat(full.length), fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }))
      .map(([drop, ones]) =>
        full.map((dim, i) => (ones[i] && ones[(i + 1) % ones.length] ? 1 : dim)).slice(drop),
      );
    return fc.array(part, { minLength: count, maxLength: count }).map((shapes) => ({ shapes }));
  });
}

/** A shape of at least `minRank` axes and one of its axes. */
export function shapeAndAxis(minRank = 1, maxRank = 3): fc.Arbitrary<Draw & { readonly axis: number }> {
  return anyShape(minRank, maxRank).chain((shape) =>
    fc.nat(shape.length - 1).map((axis) => ({ shapes: [shape], axis })),
  );
}

/** A shape, some of its axes, and whether to keep them. */
export function shapeAndAxes(): fc.Arbitrary<Draw & { readonly axes: number[]; readonly keepDims: boolean }> {
  return anyShape(1, 3).chain((shape) =>
    fc.record({
      shapes: fc.constant([shape]),
      axes: fc.subarray(
        shape.map((_, i) => i),
        { minLength: 1 },
      ),
      keepDims: fc.boolean(),
    }),
  );
}
