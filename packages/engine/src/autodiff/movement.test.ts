import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { describe } from "vitest";
import * as t from "../tensor/index.js";
import { anyShape, broadcasting, oneShape, shapeAndAxis } from "../testing/draws.js";
import { type Draw, type Float, testGradients } from "../testing/gradients.js";

const permuted: fc.Arbitrary<Draw & { readonly order: number[] }> = anyShape(1, 4).chain((shape) =>
  fc
    .shuffledSubarray(
      shape.map((_, i) => i),
      { minLength: shape.length },
    )
    .map((order) => ({ shapes: [shape], order })),
);

/** A start, an end and a step for each axis. */
const ranges: fc.Arbitrary<Draw & { readonly ranges: { start: number; end: number; step: number }[] }> = fc
  .array(
    fc
      .record({
        dim: fc.integer({ min: 1, max: 7 }),
        start: fc.nat(6),
        length: fc.integer({ min: 1, max: 7 }),
        step: fc.integer({ min: 1, max: 3 }),
      })
      .map(({ dim, start, length, step }) => {
        const from = Math.min(start, dim - 1);
        return { dim, start: from, end: Math.min(dim, from + length), step };
      }),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => ({ shapes: [list.map(({ dim }) => dim)], ranges: list }));

const padded: fc.Arbitrary<Draw & { readonly widths: [number, number][] }> = anyShape(1, 3).chain((shape) =>
  fc
    .array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: shape.length, maxLength: shape.length })
    .map((widths) => ({ shapes: [shape], widths })),
);

const joined: fc.Arbitrary<Draw & { readonly axis: number }> = shapeAndAxis().chain(
  ({ shapes: [shape], axis }) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
      .map((sizes) => ({ shapes: sizes.map((size) => (shape as number[]).with(axis, size)), axis })),
);

const broadcast = broadcasting(2).map(({ shapes }) => ({
  shapes: [shapes[0] as number[]],
  to: t.broadcastShapes(...shapes) as number[],
}));

describe("movement", () => {
  testGradients({
    name: "reshape",
    draw: oneShape(),
    ours: ([x]) => t.reshape(x as Float, [1, -1]),
    theirs: (x) => np.reshape(x(0), [1, -1]),
  });
  testGradients({
    name: "transpose",
    draw: permuted,
    ours: ([x], { order }) => t.transpose(x as Float, order),
    theirs: (x, { order }) => np.transpose(x(0), order),
  });
  testGradients({
    name: "broadcastTo",
    draw: broadcast,
    ours: ([x], { to }) => t.broadcastTo(x as Float, to),
    theirs: (x, { to }) => np.broadcastTo(x(0), to),
  });
  testGradients({
    name: "slice",
    draw: ranges,
    ours: ([x], drawn) => t.slice(x as Float, Object.fromEntries(drawn.ranges.entries())),
    theirs: (x, drawn) => {
      let y = x(0);
      for (const [axis, { start, end, step }] of drawn.ranges.entries()) {
        const positions = Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => start + i * step);
        y = np.take(y, np.array(positions, { dtype: np.int32 }), axis);
      }
      return y;
    },
    runs: 12,
  });
  testGradients({
    name: "flip",
    draw: shapeAndAxis(),
    ours: ([x], { axis }) => t.flip(x as Float, axis),
    theirs: (x, { axis }) => np.flip(x(0), axis),
  });
  testGradients({
    name: "pad",
    draw: padded,
    ours: ([x], { widths }) => t.pad(x as Float, widths),
    theirs: (x, { widths }) => np.pad(x(0), widths),
  });
  testGradients({
    name: "concat",
    draw: joined,
    ours: (xs, { axis }) => t.concat(xs, axis),
    theirs: (x, { axis, shapes }) =>
      np.concatenate(
        shapes.map((_, i) => x(i)),
        axis,
      ),
  });
  testGradients({
    name: "stack",
    draw: shapeAndAxis().map(({ shapes: [shape], axis }) => ({ shapes: [shape, shape] as number[][], axis })),
    ours: (xs, { axis }) => t.stack(xs, axis),
    theirs: (x, { axis }) => np.stack([x(0), x(1)], axis),
  });
  testGradients({
    name: "split",
    draw: fc.constantFrom({ shapes: [[5, 2]] }, { shapes: [[5]] }),
    ours: ([x]) => {
      const [a, b, c] = t.split(x as Float, [1, 2, 2]) as [Float, Float, Float];
      return t.concat([t.mul(c, b) as Float, t.mul(a, 3) as Float]);
    },
    theirs: (x) => {
      const [a, b, c] = np.split(x(0), [1, 3], 0) as [
        ReturnType<typeof x>,
        ReturnType<typeof x>,
        ReturnType<typeof x>,
      ];
      return np.concatenate([c.mul(b), a.mul(3)]);
    },
    runs: 4,
  });
  testGradients({
    name: "tile",
    draw: padded,
    ours: ([x], { widths }) =>
      t.tile(
        x as Float,
        widths.map(([a]) => a + 1),
      ),
    theirs: (x, { widths }) =>
      np.tile(
        x(0),
        widths.map(([a]) => a + 1),
      ),
  });
});
