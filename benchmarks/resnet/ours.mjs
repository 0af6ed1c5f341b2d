// One contestant of bench.mjs: steps of training through the engine, timed one by one.
import { createInterface } from "node:readline";
import { nativeTarget } from "../../packages/engine/dist/emit/native/index.js";
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { platform } from "../../packages/engine/dist/runtime/node.js";
import { probeBlockSize } from "../../packages/engine/dist/runtime/probe.js";
import { adam } from "../../packages/engine/dist/train/index.js";
import { prepareTraining } from "../../packages/engine/dist/train/prepare.js";
import { createRunner, createState } from "../../packages/engine/dist/train/step-runner.js";
import { classes, image, resnet } from "./network.mjs";

const { threads, width, stem, batchSize } = JSON.parse(process.argv[2]);
const count = 4 * batchSize;
const stream = randomStream(1, "images");
const images = new Float32Array(count * image.reduce((a, b) => a * b, 1));
stream.fillNormal(images);
const labels = Int32Array.from({ length: count }, (_, i) => i % classes);

/** Milliseconds of processor time, of all threads. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const begun = performance.now();
const { parameters, loss } = resnet({ width, stem });
const problem = {
  parameters,
  data: { x: { data: images, shape: [count, ...image] }, y: { data: labels, shape: [count] } },
  loss,
};
const blockSize = await probeBlockSize();
const options = {
  epochs: 1,
  batchSize,
  optimizer: adam({ learningRate: 1e-3 }),
  ...(process.env.PORTABLE ? {} : { target: nativeTarget({ blockSize }) }),
  dropLast: true,
};
const { plan } = await prepareTraining(problem, options, { threads });
const built = performance.now();
if (process.env.MODEL) await platform.writeFile(process.env.MODEL, [plan.programs.step]);
const runtime = await platform.loadRuntime();
const context = {
  plan,
  runtime,
  state: createState(runtime, plan.start.vectors),
  inside: (task) => task(),
};
const runner = await createRunner(context, plan.programs.step, {
  rows: batchSize,
  data: plan.data,
  noise: new Map(),
  metrics: 0,
  trains: true,
});
const opened = performance.now();
const order = randomStream(1, "order").permutation(count);
let step = 0;

async function next() {
  const start = (step * batchSize) % (count - batchSize + 1);
  const [from, fromProcessor] = [performance.now(), processorTime()];
  const report = await runner.run(order, start, 1, step);
  step++;
  return {
    milliseconds: performance.now() - from,
    processor: processorTime() - fromProcessor,
    loss: report[0],
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line);
  const taken = [];
  for (let i = 0; i < steps; i++) taken.push(await next());
  console.log(
    JSON.stringify({
      times: taken.map(({ milliseconds }) => milliseconds),
      processor: taken.map(({ processor }) => processor),
      loss: taken.at(-1).loss,
      build: built - begun,
      session: opened - built,
      bytes: plan.programs.step.length,
    }),
  );
}
process.exit(0);
