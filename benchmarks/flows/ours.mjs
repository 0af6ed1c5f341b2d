// One contestant of bench.mjs: the quick Glow through the engine.
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { adamax } from "../../packages/engine/dist/train/index.js";
import { serveSteps } from "../timing/serve-steps.mjs";
import { batchSize, quickGlow, shape } from "./glow.mjs";
import { readPadded } from "./images.mjs";

const { images: path, threads, steps, width } = JSON.parse(process.argv[2]);
const images = readPadded(path, 4096);
const data = { x: { data: images, shape: [images.length / 1024, 1, 32, 32] } };
const problem = () => {
  const { parameters, noise, loss } = quickGlow({ ...shape, steps, width });
  return { parameters, noise, loss, data };
};
await serveSteps(problem, {
  batchSize,
  threads,
  optimizer: adamax({ learningRate: 5e-4, weightDecay: 5e-5 }),
  noise: new Map([["dequantize", randomStream(1, "dequantize")]]),
});
