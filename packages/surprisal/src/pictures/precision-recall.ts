import { type UnitCurvesOptions, unitCurves } from "./unit-curves.js";

export interface PrecisionRecallFigureOptions extends UnitCurvesOptions {
  /** Share of anomalies among the rows: the precision of chance, drawn as a dashed line. */
  prevalence: number;
}

/**
 * Precision against recall: `x` is recall in rising order, `y` precision. Drawn in steps, each
 * recall reached at its own precision, because the area under that line is the average precision.
 */
export function precisionRecallFigure(options: PrecisionRecallFigureOptions): string {
  return unitCurves(options, {
    x: "recall",
    y: "precision",
    step: true,
    reference: [
      [0, options.prevalence],
      [1, options.prevalence],
    ],
  });
}
