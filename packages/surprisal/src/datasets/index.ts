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
export { type DatasetOrigin, defaultCacheFolder, type LocateOptions, samplesFolder } from "./locate.js";
export type { DatasetFile } from "./registry.js";
