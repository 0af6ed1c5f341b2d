export { skewnessSigns } from "./skewness.js";
export { type Knots, pointStepValues, type StepFunctions, stepValues } from "./step-functions.js";
export { type TailScores, tailScores } from "./tail-scores.js";
export { type CombineTails, fitTails, type Tails } from "./tails.js";
