import { describeContract } from "../../testing/contract.js";
import { clad } from "./index.js";

const small = {
  hidden: [32],
  latent: 3,
  clusters: 6,
  starts: 2,
  clusteringEpochs: 3,
  batchSize: 64,
  classifierHidden: [32, 4],
  classifierBatchSize: 32,
};

describeContract("clad", {
  create: (seed) => clad({ ...small, seed, pretrainingEpochs: 20, classifierEpochs: 40 }),
  createUntrained: (seed) =>
    clad({
      ...small,
      seed,
      pretrainingEpochs: 1,
      pretrainingLearningRate: 1e-9,
      clusteringEpochs: 0,
      classifierEpochs: 1,
      classifierLearningRate: 1e-9,
    }),
  isRandom: true,
});
