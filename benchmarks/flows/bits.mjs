// Bits per dimension of Fashion-MNIST under the quick Glow, epoch by epoch.
//   node benchmarks/flows/bits.mjs [--epochs 4] [--batch 32] [--rate 0.002] [--seed 1]
// Needs Fashion-MNIST under SURPRISAL_DATA.
import { parseArgs } from "node:util";
import { glow, loadDataset } from "surprisal";
import { shape } from "./glow.mjs";
import { padded } from "./images.mjs";

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "4" },
    batch: { type: "string", default: "32" },
    rate: { type: "string", default: "0.002" },
    seed: { type: "string", default: "1" },
  },
});
const { X, test } = await loadDataset("fashion-mnist");
const images = ({ data, shape: [count] }) => ({
  data: Uint8Array.from(padded(data, count)),
  shape: [count, 32, 32, 1],
});
const detector = glow({
  depth: shape.steps,
  width: shape.width,
  scales: shape.scales,
  epochs: Number(values.epochs),
  batchSize: Number(values.batch),
  learningRate: Number(values.rate),
  seed: Number(values.seed),
  calibration: 0,
});
let epoch = 0;
const model = await detector.fit(images(X), {
  onProgress(progress) {
    if (progress.epoch === undefined || progress.epoch === epoch) return;
    epoch = progress.epoch;
    console.error(`epoch ${epoch} of ${progress.epochs}`);
  },
});
for (const { epoch: number, metrics } of model.metadata.training.history)
  console.log(`epoch ${number}: ${metrics.bitsPerDimension.toFixed(3)} bits per dimension in training`);
const { outputs } = await model.score(images(test.X), { outputs: ["bits_per_dimension"] });
const bits = outputs.bits_per_dimension.data;
console.log(`test images: ${(bits.reduce((a, b) => a + b, 0) / bits.length).toFixed(3)}`);
process.exit(0);
