import type { DetectorFactory } from "../detector/index.js";
import { copod } from "./copod/index.js";
import { ecod } from "./ecod/index.js";
import { isolationForest } from "./isolation-forest/index.js";
import { knn } from "./knn/index.js";
import { lof } from "./lof/index.js";
import { mahalanobis } from "./mahalanobis/index.js";
import { vae } from "./vae/index.js";

export { copod } from "./copod/index.js";
export { ecod } from "./ecod/index.js";
export { isolationForest } from "./isolation-forest/index.js";
export { knn } from "./knn/index.js";
export { lof } from "./lof/index.js";
export { mahalanobis } from "./mahalanobis/index.js";
export { vae } from "./vae/index.js";

/** Every detector by its name. */
export const detectors: Readonly<Record<string, DetectorFactory<never>>> = {
  copod,
  ecod,
  "isolation-forest": isolationForest,
  knn,
  lof,
  mahalanobis,
  vae,
};
