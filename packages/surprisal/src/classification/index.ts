export { classGaussians, featureCount, fitClassGaussians, MOST_FEATURES } from "./class-gaussians.js";
export { chooseEpsilon, epsilonGrid } from "./epsilon.js";
export { type ClassifierScoreOptions, classifierScores } from "./scores.js";
export { type ClassifierState, trainedClassifier } from "./state.js";
export { type ClassifierTask, crossEntropy, initialClassifier, trainClassifier } from "./train.js";
