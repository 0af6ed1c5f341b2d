export { type KMeans, type KMeansOptions, kMeans } from "./k-means.js";
export { kMeansOptions } from "./options.js";
