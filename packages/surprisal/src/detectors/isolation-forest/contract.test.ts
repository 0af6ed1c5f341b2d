import { describeContract } from "../../testing/contract.js";
import { isolationForest } from "./index.js";

describeContract("isolation-forest", {
  create: (seed) => isolationForest({ seed, trees: 50 }),
  isRandom: true,
});
