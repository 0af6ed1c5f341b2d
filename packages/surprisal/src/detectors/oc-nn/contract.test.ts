import { describeContract } from "../../testing/contract.js";
import { autoencoder } from "../autoencoder/index.js";
import { ocNn } from "./index.js";

/** Codes in (0, 1) on many axes: what half-spaces through the origin can hold. */
const settings = {
  features: autoencoder({ sparsity: "kl", sparsityWeight: 1, latent: 128, epochs: 60 }),
  penalty: 3e-3,
  hidden: 64,
} as const;

describeContract("oc-nn", {
  create: (seed) => ocNn({ seed, ...settings, epochs: 40, learningRate: 5e-3 }),
  createUntrained: (seed) => ocNn({ seed, ...settings, epochs: 1, learningRate: 1e-9 }),
  isRandom: true,
});
