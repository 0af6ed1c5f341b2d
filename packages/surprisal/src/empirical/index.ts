export {
  type HistogramRange,
  histogramRange,
  histogramRanges,
  histograms,
  likeliestBins,
} from "./histogram.js";
export { skewnessSign } from "./skewness.js";
export { pointStepValues, type StepFunctions, searchElements, stepValues } from "./step-functions.js";
export { type TailScores, tailScores } from "./tail-scores.js";
export { type CombineTails, fitTails, type Tails } from "./tails.js";
