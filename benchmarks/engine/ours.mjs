// One contestant of bench.mjs: steps of training through the engine, timed one by one. Uses the
// runner of the training worker directly, as `train` reports no times of single steps.
import { createInterface } from "node:readline";
import { nativeTarget } from "../../packages/engine/dist/emit/native/index.js";
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { platform } from "../../packages/engine/dist/runtime/node.js";
import { probeBlockSize } from "../../packages/engine/dist/runtime/probe.js";
import { prepareTraining } from "../../packages/engine/dist/train/prepare.js";
import { createRunner, createState } from "../../packages/engine/dist/train/step-runner.js";
import { readImages } from "./images.mjs";
import { convolutionalVae, denseVae } from "./networks.mjs";

const { images: path, threads, batchSize } = JSON.parse(process.argv[2]);
const images = readImages(path);
const networks = { dense: denseVae, convolutional: convolutionalVae };
const variants = { fast: await probeBlockSize(), "without blocks": undefined };

/** The next step of a network: returns its loss. Noise comes with the data where it is given. */
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
  const runner = await createRunner(context, plan.programs.step, {
    rows: batchSize,
    data: plan.data,
    noise: new Map(noise ? [] : [["eps", randomStream(1, "eps")]]),
    metrics: 0,
    trains: true,
  });
  const order = noise
    ? Uint32Array.from({ length: count }, (_, i) => i)
    : randomStream(1, "order").permutation(count);
  let step = 0;
  return async () => {
    const start = (step * batchSize) % (count - batchSize + 1);
    return (await runner.run(order, start, 1, step++))[0];
  };
}

const opened = new Map();

async function answer({ network, variant, steps, noise }) {
  if (noise) {
    const step = await open(network, variant, Float32Array.from(noise));
    const losses = [];
    for (let i = 0; i < steps; i++) losses.push(await step());
    return { losses };
  }
  const key = `${network} ${variant}`;
  if (!opened.has(key)) opened.set(key, await open(network, variant));
  const times = [];
  for (let i = 0; i < steps; i++) {
    const begun = performance.now();
    await opened.get(key)();
    times.push(performance.now() - begun);
  }
  return { times };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
process.exit(0);
