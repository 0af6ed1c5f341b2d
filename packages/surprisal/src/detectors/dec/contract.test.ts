import { describeContract } from "../../testing/contract.js";
import { dec } from "./index.js";

// A code of few values leaves out the direction in which these anomalies lie, and any random one shows more
// of their distance; which cluster a row is of, only a trained one tells.
const small = { latent: 10, clusters: 8, starts: 2, batchSize: 64, score: "assignment" } as const;

describeContract("dec", {
  create: (seed) => dec({ ...small, seed, pretrainingEpochs: 60, clusteringEpochs: 5 }),
  createUntrained: (seed) =>
    dec({ ...small, seed, pretrainingEpochs: 1, pretrainingLearningRate: 1e-9, clusteringEpochs: 0 }),
  isRandom: true,
});
