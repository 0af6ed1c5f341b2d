export { type ConfusionCounts, type ConfusionFigureOptions, confusionFigure } from "./confusion.js";
export { type Contribution, type ContributionsOptions, contributionBars } from "./contributions.js";
export type { Curve } from "./curve-path.js";
export {
  metricCurve,
  metricNames,
  type TrainingCurvesOptions,
  type TrainingEpoch,
  trainingCurves,
} from "./curves.js";
export type { FigureOptions } from "./figure.js";
export { type HistogramOptions, scoreHistogram } from "./histogram.js";
export { type ImageGridOptions, imageGrid } from "./image-grid.js";
export { type PValueHistogramOptions, pValueHistogram } from "./p-values.js";
export { type PixelImage, pngDataUri } from "./png.js";
export { type PrecisionRecallFigureOptions, precisionRecallFigure } from "./precision-recall.js";
export {
  type ReconstructionPair,
  type ReconstructionPairsOptions,
  reconstructionPairs,
} from "./reconstruction-pairs.js";
export { rocFigure } from "./roc.js";
export { type ScoreAxis, scoreAxis } from "./score-axis.js";
export type { NamedCurve, UnitCurvesOptions } from "./unit-curves.js";
