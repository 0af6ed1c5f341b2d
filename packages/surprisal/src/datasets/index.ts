export { decodeCifar10, readCifar10 } from "./cifar10-files.js";
export { type ClassImages, loadClassImages } from "./class-images.js";
export {
  type ContaminatedImages,
  type ContaminateOptions,
  contaminate,
  contaminationTypes,
} from "./contaminate.js";
export {
  type ContaminatedPart,
  type ContaminatedSplit,
  contaminatedMnist,
  contaminatedSplit,
} from "./contaminated-mnist.js";
export {
  type CreditCardOptions,
  type CreditCardStudy,
  creditCardSplit,
  loadCreditCardStudy,
} from "./credit-card.js";
export {
  type Dataset,
  type DatasetInfo,
  type ImageDataset,
  type LabelledImages,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  type TableDataset,
} from "./dataset.js";
export { type DownloadOptions, type DownloadProgress, download } from "./download.js";
export { readGtsrb } from "./gtsrb-files.js";
export type { ImageParts } from "./image-parts.js";
export { type DatasetOrigin, defaultCacheFolder, type LocateOptions, samplesFolder } from "./locate.js";
export {
  type FloatImages,
  loadOutOfDistribution,
  type OutOfDistributionOptions,
  type OutOfDistributionSet,
  type OutOfDistributionStudy,
  outOfDistributionSets,
} from "./out-of-distribution.js";
export type { DatasetFile } from "./registry.js";
export {
  type ClassScenario,
  classScenarios,
  type ImageClass,
  imageClasses,
  type SuperCategory,
  superCategories,
  superCategoryDatasets,
} from "./super-categories.js";
export { readTinyImagenet } from "./tiny-imagenet-files.js";
