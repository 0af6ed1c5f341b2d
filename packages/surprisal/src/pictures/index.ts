export { type ClassMapOptions, classMap } from "./class-map.js";
export { type ConfusionCounts, type ConfusionFigureOptions, confusionFigure } from "./confusion.js";
export { type Contribution, type ContributionsOptions, contributionBars } from "./contributions.js";
export type { Curve } from "./curve-path.js";
export {
  type ComparedCurvesOptions,
  comparedCurves,
  metricCurve,
  metricNames,
  type TrainingCurvesOptions,
  type TrainingEpoch,
  type TrainingRun,
  trainingCurves,
} from "./curves.js";
export { decoderGraph } from "./decoder-graph.js";
export { type DensityMapOptions, densityMap, gridPoints } from "./density-map.js";
export type { FigureOptions } from "./figure.js";
export { type HistogramOptions, scoreHistogram } from "./histogram.js";
export { type ImageGridOptions, imageGrid } from "./image-grid.js";
export { type ImageRow, type ImageRowsOptions, imageRows } from "./image-rows.js";
export { type LatentScatterOptions, latentProjections, latentScatter } from "./latent-scatter.js";
export { type Decode, type LatentPlane, latentPlaneCodes, latentSlice, mosaic } from "./latent-slice.js";
export { type LinesOptions, lines } from "./lines.js";
export { type PValueHistogramOptions, pValueHistogram } from "./p-values.js";
export { type PixelImage, pngDataUri, svgToPng } from "./png.js";
export { type PrecisionRecallFigureOptions, precisionRecallFigure } from "./precision-recall.js";
export { type PrincipalAxes, principalAxes } from "./principal-axes.js";
export {
  type AdversarialPair,
  adversarialReconstructions,
  type ReconstructionPair,
  type ReconstructionPairsOptions,
  reconstructionPairs,
} from "./reconstruction-pairs.js";
export { rocFigure } from "./roc.js";
export { type PointGroup, type ScatterOptions, scatter } from "./scatter.js";
export { type ScoreAxis, scoreAxis } from "./score-axis.js";
export { type SmallArray, type SmallGraph, smallGraph } from "./small-graph.js";
export { type UmapOptions, umapPlane } from "./umap.js";
export type { NamedCurve, UnitCurvesOptions } from "./unit-curves.js";
