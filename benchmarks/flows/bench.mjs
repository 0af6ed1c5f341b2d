// Times training steps of the quick Glow through the engine and PyTorch side by side, taking turns.
//   npm run bench:flows -- [--rounds 5] [--steps 6] [--threads 2] [--flow-steps 4] [--width 32] [--python PATH]
// Needs Fashion-MNIST under SURPRISAL_DATA, and benchmarks/setup.sh all.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareSteps, contestant } from "../timing/compare-steps.mjs";
import { batchSize } from "./glow.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    steps: { type: "string", default: "6" },
    threads: { type: "string", default: "2" },
    "flow-steps": { type: "string", default: "4" },
    width: { type: "string", default: "32" },
    python: { type: "string", default: join(dirname(here), ".venv", "bin", "python") },
  },
});
const images = join(
  process.env.SURPRISAL_DATA ?? "",
  "images",
  "fashion-mnist",
  "train-images-idx3-ubyte.gz",
);
const missing = [images, options.python].find((path) => !existsSync(path));
if (missing) {
  console.error(`there is no ${missing}: set SURPRISAL_DATA, and run benchmarks/setup.sh all`);
  process.exit(1);
}

const settings = {
  images,
  threads: Number(options.threads),
  batchSize,
  steps: Number(options["flow-steps"]),
  width: Number(options.width),
};
const ours = contestant(process.execPath, join(here, "ours.mjs"), settings);
const torch = contestant(options.python, join(here, "torch_glow.py"), settings);
const variants = ["usual", "folded", "folded, foreach", "folded, foreach, channels last"];
const runners = [
  { label: "engine", contestant: ours },
  ...variants.map((variant) => ({ label: `PyTorch, ${variant}`, contestant: torch, variant })),
];
await compareSteps(
  `Glow of 32 × 32, 3 scales of ${settings.steps} steps, width ${settings.width}, batch ${batchSize}, ${settings.threads} threads`,
  runners,
  { rounds: Number(options.rounds), steps: Number(options.steps), warmUp: 3 },
);
