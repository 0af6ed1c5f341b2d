import { lax, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { describe } from "vitest";
import * as t from "../tensor/index.js";
import { shapeAndAxis } from "../testing/draws.js";
import { type Draw, type Float, testGradients } from "../testing/gradients.js";
import { type JaxArray, jaxIndices } from "../testing/jax.js";

type Indexed = Draw & { readonly axis: number; readonly indices: number[]; readonly at: readonly number[] };

/** Indices of shape `at` into one axis. */
const takes: fc.Arbitrary<Indexed> = shapeAndAxis().chain(({ shapes, axis }) =>
  fc.constantFrom([3], [2, 2], []).chain((at) => {
    const count = at.reduce((a, b) => a * b, 1);
    const index = fc.nat((shapes[0] as number[])[axis]! - 1);
    return fc
      .array(index, { minLength: count, maxLength: count })
      .map((indices) => ({ shapes, axis, indices, at }));
  }),
);

/** Indices along one axis for each element of a tensor of 2 entries on that axis. */
const alongs: fc.Arbitrary<Indexed> = shapeAndAxis().chain(({ shapes, axis }) => {
  const shape = shapes[0] as number[];
  const at = shape.with(axis, 2);
  const count = at.reduce((a, b) => a * b, 1);
  return fc
    .array(fc.nat(shape[axis]! - 1), { minLength: count, maxLength: count })
    .map((indices) => ({ shapes, axis, indices, at }));
});

/** With updates to scatter, in the shape that takes with these indices give. */
const withUpdates = (draw: fc.Arbitrary<Indexed>, rank?: number) =>
  draw
    .filter(({ at }) => rank === undefined || at.length === rank)
    .map((drawn) => {
      const shape = drawn.shapes[0] as number[];
      const updates = rank === undefined ? [...drawn.at] : shape.with(drawn.axis, drawn.indices.length);
      return { ...drawn, shapes: [shape, updates] };
    });

const indicesOf = ({ indices, at }: Indexed) => t.constant(indices, at, "int64");

/** x with updates added at indices along an axis, by a product with one-hot rows. */
function addByProduct(x: JaxArray, updates: JaxArray, { axis, indices, shapes }: Indexed): JaxArray {
  const length = (shapes[0] as number[])[axis] as number;
  const rows = Array.from({ length }, (_, i) => indices.map((index) => Number(index === i)));
  const moved = np.moveaxis(updates, axis, 0);
  const rest = moved.shape.slice(1);
  const placed = np.matmul(np.array(rows), moved.reshape([indices.length, -1])).reshape([length, ...rest]);
  return x.add(np.moveaxis(placed, 0, axis));
}

const topKs = shapeAndAxis().chain(({ shapes, axis }) =>
  fc.integer({ min: 1, max: (shapes[0] as number[])[axis] as number }).map((k) => ({ shapes, axis, k })),
);

describe("indexing", () => {
  testGradients({
    name: "take",
    draw: takes,
    ours: ([x], drawn) => t.take(x as Float, indicesOf(drawn), drawn.axis),
    theirs: (x, { indices, at, axis }) => np.take(x(0), jaxIndices(indices, at), axis),
    runs: 9,
  });
  testGradients({
    name: "takeAlongAxis",
    draw: alongs,
    ours: ([x], drawn) => t.takeAlongAxis(x as Float, indicesOf(drawn), drawn.axis),
    theirs: (x, { indices, at, axis }) => np.takeAlongAxis(x(0), jaxIndices(indices, at), axis),
    runs: 9,
  });
  testGradients({
    name: "indexAdd",
    draw: withUpdates(takes, 1),
    ours: ([x, updates], drawn) => t.indexAdd(x as Float, indicesOf(drawn), updates as Float, drawn.axis),
    theirs: (x, drawn) => addByProduct(x(0), x(1), drawn),
    runs: 9,
  });
  testGradients({
    name: "scatterAdd",
    draw: withUpdates(alongs),
    ours: ([x, updates], drawn) => t.scatterAdd(x as Float, indicesOf(drawn), updates as Float, drawn.axis),
    theirs: "jax-js has no scatter",
    runs: 9,
  });
  testGradients({
    name: "topK, largest",
    draw: topKs,
    ours: ([x], { k, axis }) => t.topK(x as Float, k, { axis }).values,
    theirs: (x, { k, axis }) => (lax.topK(x(0), k, axis) as [JaxArray, JaxArray])[0],
  });
  testGradients({
    name: "topK, smallest",
    draw: topKs,
    ours: ([x], { k, axis }) => t.topK(x as Float, k, { axis, largest: false }).values,
    theirs: (x, { k, axis }) =>
      np.negative((lax.topK(np.negative(x(0)), k, axis) as [JaxArray, JaxArray])[0]),
  });
});
