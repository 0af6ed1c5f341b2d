import type { DetectorFactory } from "../detector/index.js";
import { ecod } from "./ecod/index.js";
import { isolationForest } from "./isolation-forest/index.js";
import { mahalanobis } from "./mahalanobis/index.js";
import { vae } from "./vae/index.js";

export { ecod } from "./ecod/index.js";
export { isolationForest } from "./isolation-forest/index.js";
export { mahalanobis } from "./mahalanobis/index.js";
export { vae } from "./vae/index.js";

/** Every detector by its name. */
export const detectors: Readonly<Record<string, DetectorFactory<never>>> = {
  ecod,
  "isolation-forest": isolationForest,
  mahalanobis,
  vae,
};
