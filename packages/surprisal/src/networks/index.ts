export { type Activation, activate, activations } from "./activation.js";
export {
  type BatchNorm,
  type BatchNormShape,
  batchNorm,
  batchNormParameters,
  batchNormTraining,
} from "./batch-norm.js";
export { batchQuantile } from "./batch-quantile.js";
export * from "./bodies/index.js";
export * from "./classifiers/index.js";
export {
  type Convolution,
  type ConvolutionShape,
  convolution,
  convolutionParameters,
  convolvedShape,
  type ImageShape,
} from "./convolution.js";
export * from "./decoders/index.js";
export { type Dense, dense, denseParameters, perceptron, perceptronParameters } from "./dense.js";
export { inDoublePrecision } from "./double-precision.js";
export { type EvaluateOptions, evaluateRows } from "./evaluate-rows.js";
export * from "./flows/index.js";
export { toMaps, toRows } from "./images.js";
export { meanPixelLoss, negativeElbo, type Objective } from "./objective.js";
export {
  asConstants,
  type ConstantsOf,
  parameterCount,
  parametersFrom,
  stackMembers,
  untrained,
} from "./parameters.js";
export {
  type Posterior,
  type PosteriorParameters,
  type PosteriorShape,
  posterior,
  posteriorParameters,
  reparameterize,
} from "./posterior.js";
export * from "./priors/index.js";
export { foldSamples, unfoldSamples } from "./samples.js";
