import { describeContract } from "../../testing/contract.js";
import { extendedIsolationForest } from "./index.js";

describeContract("extended-isolation-forest", {
  create: (seed) => extendedIsolationForest({ seed, trees: 50 }),
  isRandom: true,
});
