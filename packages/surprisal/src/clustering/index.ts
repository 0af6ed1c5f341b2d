export {
  type CodeNetwork,
  type DeepClustering,
  type DeepClusteringOptions,
  deepEmbeddedClustering,
  encodeRows,
} from "./deep-embedded-clustering.js";
export { type KMeans, type KMeansOptions, kMeans } from "./k-means.js";
export { kMeansOptions } from "./options.js";
export {
  batchTarget,
  clusteringLoss,
  softAssignment,
  squaredCenterDistances,
  targetDistribution,
} from "./soft-assignment.js";
