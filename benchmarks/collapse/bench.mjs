// Whether the published loss of the contaminated-MNIST study, whose KL term weighs 784 / 128 = 6.1, makes its
// network collapse: nats an image by epoch, of ours and of the same network in Keras, on MNIST's training images.
//   node benchmarks/collapse/bench.mjs [--seeds 1,2,3] [--epochs 2] [--sides ours,keras] [--python PATH]
// Needs MNIST under SURPRISAL_DATA, and benchmarks/setup.sh tensorflow for Keras.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadDataset, vae } from "surprisal";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    seeds: { type: "string", default: "1,2,3" },
    epochs: { type: "string", default: "2" },
    sides: { type: "string", default: "ours,keras" },
    python: { type: "string", default: join(dirname(here), ".venv", "bin", "python") },
  },
});
const seeds = options.seeds.split(",").map(Number);
const epochs = Number(options.epochs);

function print(side, seed, history) {
  const nats = history.map(({ reconstruction, kl }) => `${reconstruction.toFixed(1)} + ${kl.toPrecision(3)}`);
  console.log(`${side}, seed ${seed}: reconstruction + KL ${nats.join(", then ")}`);
}

async function ours() {
  const { X } = await loadDataset("mnist");
  for (const seed of seeds) {
    const detector = vae({ body: "transferLab", reduction: "transferLab", epochs, calibration: 0, seed });
    const model = await detector.fit(X);
    print(
      "ours",
      seed,
      model.metadata.training.history.map(({ metrics }) => metrics),
    );
    await model.close();
  }
}

async function keras() {
  const images = join(process.env.SURPRISAL_DATA ?? "", "images", "mnist", "train-images-idx3-ubyte.gz");
  const settings = JSON.stringify({ images, seeds, epochs });
  const child = spawn(options.python, [join(here, "keras_vae.py"), settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { seed, epochs: history } = JSON.parse(line);
    print("Keras", seed, history);
  }
}

const sides = { ours, keras };
for (const side of options.sides.split(",")) await sides[side]();
process.exit(0);
