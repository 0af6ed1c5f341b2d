export type {
  Classification,
  ClassifierBody,
  LinearBody,
  Mode,
  PerceptronBody,
  ResNet18Body,
  SmallConvolutionalBody,
} from "./body.js";
export { type Classifier, classifierElements, classifierParameters, classify } from "./classifier.js";
