// Times training steps of ResNet-18 through the engine and PyTorch side by side, taking turns.
//   npm run bench:resnet -- [--rounds 5] [--steps 3] [--threads 2] [--python PATH]
//     [--networks "published 64 32,small 16 128"]      stem, width and batch of each network
// Needs benchmarks/setup.sh torch. Images are noise: what they show takes no part in the time.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareSteps, contestant } from "../timing/compare-steps.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    steps: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    networks: { type: "string", default: "published 64 32,published 16 128,small 64 32,small 16 128" },
    python: { type: "string", default: join(dirname(here), ".venv", "bin", "python") },
  },
});
if (!existsSync(options.python)) {
  console.error(`there is no ${options.python}: run benchmarks/setup.sh torch`);
  process.exit(1);
}

for (const network of options.networks.split(",")) {
  const [stem, width, batchSize] = network.trim().split(" ");
  const settings = {
    stem,
    width: Number(width),
    batchSize: Number(batchSize),
    threads: Number(options.threads),
  };
  const ours = contestant(process.execPath, join(here, "ours.mjs"), settings);
  const torch = contestant(options.python, join(here, "torch_resnet.py"), settings);
  const variants = ["usual", "foreach", "foreach, channels last"];
  await compareSteps(
    `ResNet-18, ${stem} stem, width ${width}, batch ${batchSize}, ${options.threads} threads`,
    [
      { label: "engine", contestant: ours },
      ...variants.map((variant) => ({ label: `PyTorch, ${variant}`, contestant: torch, variant })),
    ],
    { rounds: Number(options.rounds), steps: Number(options.steps), warmUp: 2 },
  );
}
