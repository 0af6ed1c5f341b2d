import { describeContract } from "../../testing/contract.js";
import { classifierConfidence } from "./index.js";

// Few features: many random ones would keep the distances of the rows, and leave training nothing to add.
const small = { hidden: [32, 4], batchSize: 32 };

describeContract("classifier-confidence", {
  create: (seed) => classifierConfidence({ ...small, seed, epochs: 60, learningRate: 3e-3 }),
  createUntrained: (seed) => classifierConfidence({ ...small, seed, epochs: 1, learningRate: 1e-9 }),
  // The quarters of the sheet, and a few rows of a class of their own.
  classOf: ([x = 0, , , y = 0], i) => (i % 50 === 0 ? 4 : 2 * Number(x > 0) + Number(y > 5)),
  isRandom: true,
});
