import { expandDims, flip, pad, reshape, slice, transpose } from "../tensor/movement.js";
import { isSymbolic, staticDim } from "../tensor/shape.js";
import { type Float, operand, type Rules } from "./rule.js";
import { unbroadcast } from "./unbroadcast.js";

type Movement = "reshape" | "transpose" | "broadcastTo" | "slice" | "flip" | "pad" | "concat";

/** `before` and `after` zeros added on one axis. */
function padAxis(x: Float, axis: number, before: number, after: number): Float {
  return pad(
    x,
    x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
  );
}

/** Entries of an axis set `step` apart by zeros; (length - 1) · step + 1 of them. */
function stuffZeros(x: Float, axis: number, step: number): Float {
  const length = staticDim(x.shape[axis], "the gradient of slice");
  const apart = padAxis(expandDims(x, axis + 1), axis + 1, 0, step - 1);
  const merged = reshape(
    apart,
    x.shape.map((dim, i) => (i === axis ? length * step : dim)),
  );
  return slice(merged, { [axis]: { end: (length - 1) * step + 1 } });
}

export const movementRules: Rules<Movement> = {
  reshape: (gradient, output) => [() => reshape(gradient, operand(output, 0).shape)],
  transpose: (gradient, { attributes: { permutation } }) => [
    () =>
      transpose(
        gradient,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
  ],
  broadcastTo: (gradient, output) => [() => unbroadcast(gradient, operand(output, 0).shape)],
  slice: (gradient, output) => {
    const x = operand(output, 0);
    const { starts, steps } = output.attributes;
    return [
      () => {
        let spread = gradient;
        for (const [axis, step] of steps.entries()) {
          if (step > 1 && spread.shape[axis] !== 0) spread = stuffZeros(spread, axis, step);
        }
        return pad(
          spread,
          x.shape.map((dim, axis) => {
            if (isSymbolic(dim)) return [0, 0];
            const before = starts[axis] as number;
            return [before, dim - before - (spread.shape[axis] as number)];
          }),
        );
      },
    ];
  },
  flip: (gradient, { attributes: { axes } }) => [() => flip(gradient, axes)],
  pad: (gradient, output) => {
    const { before } = output.attributes;
    const { shape } = operand(output, 0);
    return [
      () =>
        slice(
          gradient,
          Object.fromEntries(
            shape.flatMap((dim, axis) => {
              const start = before[axis] as number;
              return isSymbolic(dim) ? [] : [[axis, { start, end: start + dim }]];
            }),
          ),
        ),
    ];
  },
  concat: (gradient, output) => {
    const { axis } = output.attributes;
    let start = 0;
    return output.operands.map((part) => {
      const from = start;
      start += staticDim(part.shape[axis], "concat");
      const end = start;
      return () => slice(gradient, { [axis]: { start: from, end } });
    });
  },
};
