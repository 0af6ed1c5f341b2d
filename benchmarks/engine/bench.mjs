// Times training steps of the engine, PyTorch and Keras side by side: one process each, taking turns.
//   npm run bench:engine -- [--rounds 6] [--steps 15] [--threads 2] [--compiled] [--networks dense,convolutional]
//     [--torch-python PATH] [--keras-python PATH]
// Needs Fashion-MNIST or MNIST under SURPRISAL_DATA, and benchmarks/setup.sh all.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomStream } from "@surprisal/engine/random";
import { flattenParameters } from "@surprisal/engine/train";
import { contestant } from "../timing/compare-steps.mjs";
import { convolutionalVae, denseVae } from "./networks.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const venv = join(dirname(here), ".venv", "bin", "python");
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    steps: { type: "string", default: "15" },
    threads: { type: "string", default: "2" },
    networks: { type: "string", default: "dense,convolutional" },
    compiled: { type: "boolean", default: false },
    "torch-python": { type: "string", default: venv },
    "keras-python": { type: "string", default: venv },
  },
});
const batchSize = 128;
const networks = { dense: denseVae, convolutional: convolutionalVae };

function fail(message) {
  console.error(message);
  process.exit(1);
}

const images = ["fashion-mnist", "mnist"]
  .map((set) => join(process.env.SURPRISAL_DATA ?? "", "images", set, "train-images-idx3-ubyte.gz"))
  .find((path) => existsSync(path));
if (!images)
  fail("bench:engine needs Fashion-MNIST or MNIST: set SURPRISAL_DATA to the folder above images/");
for (const python of [options["torch-python"], options["keras-python"]]) {
  if (!existsSync(python)) fail(`there is no ${python}; make it with: bash benchmarks/setup.sh all`);
}

const settings = { images, threads: Number(options.threads), batchSize };
const start = (command, script) =>
  contestant(command, join(here, script), settings, {
    env: { ...process.env, OMP_NUM_THREADS: options.threads },
    // What TensorFlow says as it starts.
    stderr: process.env.DEBUG ? "inherit" : "ignore",
  });
const engine = start(process.execPath, "ours.mjs");
const torch = start(options["torch-python"], "torch_vae.py");
const keras = start(options["keras-python"], "keras_vae.py");

const runners = [
  { label: "engine", process: engine, variant: "fast" },
  { label: "engine, without blocks", process: engine, variant: "without blocks", only: "convolutional" },
  { label: "PyTorch", process: torch, variant: "eager", peer: "PyTorch" },
  { label: "PyTorch, fused Adam", process: torch, variant: "fused", peer: "PyTorch" },
  {
    label: "PyTorch, channels last",
    process: torch,
    variant: "channels last",
    only: "convolutional",
    peer: "PyTorch",
  },
  {
    label: "PyTorch, channels last, fused Adam",
    process: torch,
    variant: "channels last, fused",
    only: "convolutional",
    peer: "PyTorch",
  },
  ...(options.compiled
    ? [
        { label: "PyTorch compiled, fused Adam", process: torch, variant: "compiled, fused" },
        {
          label: "PyTorch compiled, channels last, fused",
          process: torch,
          variant: "compiled, channels last, fused",
          only: "convolutional",
        },
      ]
    : []),
  { label: "Keras", process: keras, variant: "graph", peer: "Keras" },
  { label: "Keras, XLA", process: keras, variant: "XLA", peer: "Keras" },
];

const pause = () => new Promise((done) => setTimeout(done, 100));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function timeNetwork(network) {
  const taking = runners.filter(({ only }) => only === undefined || only === network);
  const times = new Map(taking.map(({ label }) => [label, []]));
  // To compile, and for the engine to settle on the steps of one call.
  for (const { process: own, variant } of taking) {
    await own.ask({ network, variant, steps: own === engine && network === "dense" ? 150 : 4 });
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { label, process: own, variant } of taking) {
      // Threads of the one before may still be spinning.
      await pause();
      const answer = await own.ask({ network, variant, steps: Number(options.steps) });
      times.get(label).push(...answer.times);
    }
  }
  return { taking, times };
}

function printTimes(network, { taking, times }) {
  const fast = times.get("engine");
  const rows = taking.map(({ label, peer }) => {
    const own = times.get(label);
    return { label, peer, least: Math.min(...own), middle: median(own) };
  });
  const [least, middle] = [Math.min(...fast), median(fast)];
  console.log(`\n${network} VAE, batch ${batchSize}, ${options.threads} threads: ms a step`);
  console.log(
    `${"".padEnd(40)}${"least".padStart(9)}${"median".padStart(9)}   engine / this (least, median)`,
  );
  for (const row of rows) {
    const ratios = `${(least / row.least).toFixed(2).padStart(8)}${(middle / row.middle).toFixed(2).padStart(8)}`;
    console.log(
      `${row.label.padEnd(40)}${row.least.toFixed(2).padStart(9)}${row.middle.toFixed(2).padStart(9)}${ratios}`,
    );
  }
  for (const peer of ["PyTorch", "Keras"]) {
    const own = rows.filter((row) => row.peer === peer);
    const best = {
      least: Math.min(...own.map((r) => r.least)),
      middle: Math.min(...own.map((r) => r.middle)),
    };
    const ratio = `${(least / best.least).toFixed(2)} (least), ${(middle / best.middle).toFixed(2)} (median)`;
    console.log(`engine / fastest ${peer}: ${ratio}; wanted at most 1.3`);
  }
  const plain = times.get("engine, without blocks");
  if (plain) {
    const slower = `${(Math.min(...plain) / least).toFixed(2)} (least), ${(median(plain) / middle).toFixed(2)} (median)`;
    console.log(`without blocks / fast: ${slower}; wanted at most 2`);
  }
}

/** The largest relative difference of the losses of 50 steps from the same weights, batches and noise. */
async function compareLosses(network) {
  const { parameters, latent } = networks[network];
  const steps = 50;
  const noise = new Float32Array(steps * batchSize * latent);
  randomStream(3, "noise").fillNormal(noise);
  const request = { network, steps, noise: Array.from(noise) };
  const values = Object.fromEntries(
    flattenParameters(parameters).map(({ name, parameter }) => [name, Array.from(parameter.initial)]),
  );
  const reference = await torch.ask({ ...request, variant: "eager", parameters: values });
  for (const variant of network === "convolutional" ? ["fast", "without blocks"] : ["fast"]) {
    const [first, second] = [
      await engine.ask({ ...request, variant }),
      await engine.ask({ ...request, variant }),
    ];
    const difference = Math.max(...first.losses.map((loss, i) => Math.abs(loss / reference.losses[i] - 1)));
    const isSame = first.losses.every((loss, i) => loss === second.losses[i]);
    const ends = `${first.losses[0].toFixed(3)} to ${first.losses.at(-1).toFixed(3)}`;
    console.log(
      `${network}, ${variant}: loss of ${steps} steps (${ends}) differs from PyTorch's by at most ` +
        `${difference.toExponential(1)}, wanted 1e-3; ${isSame ? "bit-identical" : "NOT identical"} when repeated`,
    );
    if (difference > 1e-3 || !isSame) process.exitCode = 1;
  }
}

for (const network of options.networks.split(",")) {
  printTimes(network, await timeNetwork(network));
  await compareLosses(network);
}
for (const { end } of [engine, torch, keras]) end();
process.exit();
