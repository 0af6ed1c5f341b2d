import { describeContract } from "../../testing/contract.js";
import { ocCnn } from "./index.js";

const settings = { latent: 128, pretrainingEpochs: 40 } as const;

describeContract("oc-cnn", {
  create: (seed) => ocCnn({ seed, ...settings, steps: 3000, learningRate: 1e-2 }),
  createUntrained: (seed) => ocCnn({ seed, ...settings, steps: 1, learningRate: 1e-9 }),
  isRandom: true,
});
