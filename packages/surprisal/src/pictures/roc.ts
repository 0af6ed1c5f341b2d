import { type UnitCurvesOptions, unitCurves } from "./unit-curves.js";

/**
 * Receiver operating characteristic: `x` is the false-positive rate, `y` the true-positive rate,
 * from (0, 0) to (1, 1); the diagonal is chance.
 */
export function rocFigure(options: UnitCurvesOptions): string {
  return unitCurves(options, {
    x: "false-positive rate",
    y: "true-positive rate",
    step: false,
    reference: [
      [0, 0],
      [1, 1],
    ],
  });
}
