export { combine, isDetector } from "./combine.js";
export { type CombinedDetector, learnCombination } from "./learn.js";
export { type CombinationOptions, combinationOptions } from "./methods.js";
