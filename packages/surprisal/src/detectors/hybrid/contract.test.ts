import { describeContract } from "../../testing/contract.js";
import { hybrid } from "./index.js";

describeContract("hybrid", {
  create: (seed) => hybrid({ seed, encoderOptions: { epochs: 40, latent: 3 }, base: "knn" }),
  isRandom: true,
});
