import { describeContract } from "../../testing/contract.js";
import { deepSvdd } from "./index.js";

const small = { latent: 4, hidden: [32] };

describeContract("deep-svdd", {
  create: (seed) => deepSvdd({ seed, ...small, pretrainingEpochs: 40, epochs: 60 }),
  createUntrained: (seed) =>
    deepSvdd({ seed, ...small, pretrainingEpochs: 0, epochs: 1, learningRate: 1e-12 }),
  isRandom: true,
});
