import { describeContract } from "../../testing/contract.js";
import { vae } from "./index.js";

describeContract("vae", {
  create: (seed) => vae({ seed, epochs: 60, latent: 2 }),
  createUntrained: (seed) => vae({ seed, epochs: 1, latent: 2, learningRate: 1e-9 }),
  isRandom: true,
});
