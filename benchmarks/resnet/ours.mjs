// One contestant of bench.mjs: ResNet-18 through the engine.
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { adam } from "../../packages/engine/dist/train/index.js";
import { serveSteps } from "../timing/serve-steps.mjs";
import { classes, image, resnet } from "./network.mjs";

const { threads, width, stem, batchSize } = JSON.parse(process.argv[2]);
const count = 4 * batchSize;
const images = new Float32Array(count * image.reduce((a, b) => a * b, 1));
randomStream(1, "images").fillNormal(images);
const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
const data = { x: { data: images, shape: [count, ...image] }, y: { data: labels, shape: [count] } };
const problem = () => ({ ...resnet({ width, stem }), data });
await serveSteps(problem, { batchSize, threads, optimizer: adam({ learningRate: 1e-3 }) });
