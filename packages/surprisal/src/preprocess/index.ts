export {
  asMatrix,
  fitPreprocess,
  type Preprocess,
  type PreprocessGraph,
  type PreprocessOptions,
  preprocessGraph,
} from "./preprocess.js";
export { fitScaling, type Scaling, type ScalingName } from "./scaling.js";
