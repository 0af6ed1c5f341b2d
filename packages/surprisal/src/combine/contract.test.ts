import { ecod } from "../detectors/ecod/index.js";
import { isolationForest } from "../detectors/isolation-forest/index.js";
import { mahalanobis } from "../detectors/mahalanobis/index.js";
import { describeContract } from "../testing/contract.js";
import { combine } from "./index.js";

describeContract("combine, average of standardised scores", {
  create: (seed) =>
    combine({ seed, detectors: [ecod(), isolationForest({ trees: 20 }), mahalanobis({ scaling: "none" })] }),
  isRandom: true,
});

describeContract("combine, average of maximum of ranks", {
  create: (seed) =>
    combine({
      seed,
      detectors: [ecod(), mahalanobis(), isolationForest({ trees: 20 }), isolationForest({ trees: 20 })],
      method: "averageOfMaximum",
      scale: "rank",
      buckets: 2,
    }),
  isRandom: true,
});
