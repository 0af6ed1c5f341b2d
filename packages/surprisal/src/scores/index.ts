export { bernoulliLogProbability } from "./bernoulli.js";
export { gaussianKl, gaussianLogProbability } from "./gaussian.js";
export { logMeanProbability, meanLogProbability } from "./reconstruction-probability.js";
