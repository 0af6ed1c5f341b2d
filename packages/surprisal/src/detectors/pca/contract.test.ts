import { describeContract } from "../../testing/contract.js";
import { pca } from "./index.js";

describeContract("pca", { create: (seed) => pca({ seed }), isRandom: false });

describeContract("pca, reconstruction", {
  create: (seed) => pca({ seed, score: "reconstruction" }),
  isRandom: false,
});
