// One contestant of bench.mjs: steps of training through the engine, timed one by one. Uses the
// runner of the training worker directly, as `train` reports no times of single steps.
import { createInterface } from "node:readline";
import { nativeTarget } from "../../packages/engine/dist/emit/native/index.js";
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { platform } from "../../packages/engine/dist/runtime/node.js";
import { probeBlockSize } from "../../packages/engine/dist/runtime/probe.js";
import { prepareTraining } from "../../packages/engine/dist/train/prepare.js";
import { createRunner, createState } from "../../packages/engine/dist/train/step-runner.js";
import { chooseStepsPerCall } from "../../packages/engine/dist/train/steps-per-call.js";
import { readImages } from "./images.mjs";
import { convolutionalVae, denseVae } from "./networks.mjs";

const { images: path, threads, batchSize } = JSON.parse(process.argv[2]);
const images = readImages(path);
const networks = { dense: denseVae, convolutional: convolutionalVae };
const variants = { fast: await probeBlockSize(), "without blocks": undefined };

/** The next call of a network's program. Noise comes with the data where it is given. */
async function open(name, variant, noise) {
  const { parameters, latent, loss } = networks[name];
  const count = noise ? noise.length / latent : images.length / 784;
  const x = { data: images.subarray(0, count * 784), shape: [count, 784] };
  const drawn = { eps: { shape: [latent] } };
  const problem = noise
    ? {
        parameters,
        data: { x, eps: { data: noise, shape: [count, latent] } },
        loss: ({ batch, ...rest }) => loss({ ...rest, batch, noise: { eps: batch.eps } }),
      }
    : { parameters, data: { x }, noise: drawn, loss };
  const target = nativeTarget({ blockSize: variants[variant] });
  const options = { epochs: 1, batchSize, target, shuffle: !noise, dropLast: true };
  const { plan } = await prepareTraining(problem, options, { threads });
  const runtime = await platform.loadRuntime();
  const inside = (task) => task();
  const context = { plan, runtime, state: createState(runtime, plan.start.vectors), inside };
  const openRunner = (bytes, capacity) =>
    createRunner(context, bytes, {
      rows: batchSize,
      data: plan.data,
      noise: new Map(noise ? [] : [["eps", randomStream(1, "eps")]]),
      metrics: 0,
      trains: true,
      ...(capacity === undefined ? {} : { capacity }),
    });
  const single = await openRunner(plan.programs.step);
  const order = noise
    ? Uint32Array.from({ length: count }, (_, i) => i)
    : randomStream(1, "order").permutation(count);
  const chooser = chooseStepsPerCall(noise ? 1 : "measured");
  let loop;
  let step = 0;
  /** One call, of as many steps as the training loop would take in it. */
  return async () => {
    const steps = chooser.next();
    if (steps > 1 && loop?.capacity !== steps) loop = await openRunner(plan.programs.loop, steps);
    const start = (step * batchSize) % (count - steps * batchSize + 1);
    const begun = performance.now();
    const report = await (steps > 1 ? loop : single).run(order, start, steps, step);
    const milliseconds = performance.now() - begun;
    chooser.record(steps, milliseconds);
    step += steps;
    return { steps, milliseconds, loss: report[0] };
  };
}

const opened = new Map();

async function answer({ network, variant, steps, noise }) {
  if (noise) {
    const step = await open(network, variant, Float32Array.from(noise));
    const losses = [];
    for (let i = 0; i < steps; i++) losses.push((await step()).loss);
    return { losses };
  }
  const key = `${network} ${variant}`;
  if (!opened.has(key)) opened.set(key, await open(network, variant));
  const times = [];
  while (times.length < steps) {
    const call = await opened.get(key)();
    for (let i = 0; i < call.steps; i++) times.push(call.milliseconds / call.steps);
  }
  return { times };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
process.exit(0);
