import { describeContract } from "../../testing/contract.js";
import { kernelPca } from "./index.js";

describeContract("kernel-pca", {
  create: (seed) => kernelPca({ seed, sampleSize: 200 }),
  isRandom: true,
});
