import { describeContract } from "../../testing/contract.js";
import { featureBagging } from "./index.js";

describeContract("feature-bagging", {
  create: (seed) => featureBagging({ seed, subsets: 4 }),
  isRandom: true,
});
