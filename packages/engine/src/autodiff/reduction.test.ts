import { nn, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import * as t from "../tensor/index.js";
import { anyShape, shapeAndAxes, shapeAndAxis } from "../testing/draws.js";
import { type Draw, describeGradients, type Float, type GradientCase } from "../testing/gradients.js";
import type { JaxArray } from "../testing/jax.js";

type Axes = Draw & { readonly axes: number[]; readonly keepDims: boolean };
type Axis = Draw & { readonly axis: number };

function overAxes(
  name: string,
  ours: (x: Float, options: { axis: number[]; keepDims: boolean }) => Float,
  theirs: (x: JaxArray, axes: number[], options: { keepdims: boolean }) => JaxArray,
  options: Partial<GradientCase<Axes>> = {},
): GradientCase<Axes> {
  return {
    name,
    draw: shapeAndAxes(),
    ours: ([x], { axes, keepDims }) => ours(x as Float, { axis: axes, keepDims }),
    theirs: (x, { axes, keepDims }) => theirs(x(0), axes, { keepdims: keepDims }),
    ...options,
  };
}

function alongAxis(
  name: string,
  ours: (x: Float, axis: number) => Float,
  theirs: (x: JaxArray, axis: number) => JaxArray,
  options: Partial<GradientCase<Axis>> = {},
): GradientCase<Axis> {
  return {
    name,
    draw: shapeAndAxis(),
    ours: ([x], { axis }) => ours(x as Float, axis),
    theirs: (x, { axis }) => theirs(x(0), axis),
    ...options,
  };
}

/** At least two elements along the reduced axes, so that no deviation is 0. */
const spread = shapeAndAxes().map((drawn) => {
  const shape = (drawn.shapes[0] as number[]).map((dim) => Math.max(2, dim));
  return { ...drawn, shapes: [shape] };
});

describeGradients("reductions", [
  overAxes("sum", t.sum, np.sum),
  overAxes("prod", t.prod, np.prod),
  overAxes("max", t.max, np.max),
  overAxes("min", t.min, np.min),
  overAxes("mean", t.mean, np.mean),
  overAxes("variance", t.variance, (x, axes, options) => np.var_(x, axes, options)),
  overAxes(
    "unbiased variance",
    (x, options) => t.variance(x, { ...options, ddof: 1 }),
    (x, axes, options) => np.var_(x, axes, { ...options, correction: 1 }),
    { draw: spread },
  ),
  overAxes("std", t.std, (x, axes, options) => np.std(x, axes, options), { draw: spread }),
  overAxes("logSumExp", t.logSumExp, nn.logsumexp, { tolerance: 1e-3 }),
]);

describeGradients("along one axis", [
  alongAxis("softmax", t.softmax, nn.softmax, { tolerance: 1e-3 }),
  alongAxis("logSoftmax", t.logSoftmax, nn.logSoftmax, { tolerance: 1e-3 }),
  alongAxis("cumsum", (x, axis) => t.cumsum(x, { axis }), np.cumsum),
  alongAxis(
    "reversed cumsum",
    (x, axis) => t.cumsum(x, { axis, reverse: true }),
    (x, axis) => np.flip(np.cumsum(np.flip(x, axis), axis), axis),
  ),
  alongAxis(
    "exclusive cumsum",
    (x, axis) => t.cumsum(x, { axis, exclusive: true }),
    (x, axis) => np.cumsum(x.ref, axis).sub(x),
  ),
  alongAxis(
    "exclusive reversed cumsum",
    (x, axis) => t.cumsum(x, { axis, exclusive: true, reverse: true }),
    (x, axis) => np.flip(np.cumsum(np.flip(x.ref, axis), axis), axis).sub(x),
  ),
  alongAxis("sort", (x, axis) => t.sort(x, { axis }), np.sort),
  alongAxis(
    "descending sort",
    (x, axis) => t.sort(x, { axis, descending: true }),
    (x, axis) => np.flip(np.sort(x, axis), axis),
  ),
]);

const channels = fc
  .record({ n: fc.integer({ min: 2, max: 4 }), c: fc.integer({ min: 1, max: 3 }), rest: anyShape(0, 2) })
  .map(({ n, c, rest }) => ({ shapes: [[n, c, ...rest], [c], [c], [c], [c]], rest }));

/** One entry a channel, broadcast over x. */
function perChannel(x: JaxArray, rest: readonly number[]): JaxArray {
  return x.reshape([-1, ...rest.map(() => 1)]);
}

describeGradients("batch normalisation", [
  {
    name: "by given statistics",
    draw: channels,
    ours: ([x, mean, deviation, scale, bias]) =>
      t.batchNorm(
        x as Float,
        { mean: mean as Float, variance: t.square(deviation as Float) },
        { scale: scale as Float, bias: bias as Float },
        { epsilon: 0.1 },
      ),
    theirs: (x, { rest }) =>
      x(0)
        .sub(perChannel(x(1), rest))
        .div(np.sqrt(perChannel(np.square(x(2)).add(0.1), rest)))
        .mul(perChannel(x(3), rest))
        .add(perChannel(x(4), rest)),
  },
  {
    name: "by the statistics of the batch",
    draw: channels.map(({ shapes, rest }) => ({
      shapes: [shapes[0], shapes[1], shapes[2]] as number[][],
      rest,
    })),
    ours: ([x, scale, bias]) =>
      t.batchNormTraining(x as Float, { scale: scale as Float, bias: bias as Float }, { epsilon: 0.1 })
        .output,
    theirs: (x, { rest }) => {
      const axes = [0, ...rest.map((_, i) => i + 2)];
      const centred = x(0).sub(np.mean(x(0), axes, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
      return centred
        .div(np.sqrt(variance.add(0.1)))
        .mul(perChannel(x(1), rest))
        .add(perChannel(x(2), rest));
    },
  },
]);
