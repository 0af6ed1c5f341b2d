// Times training steps of ResNet-18 through the engine and PyTorch side by side, taking turns.
//   npm run bench:resnet -- [--rounds 5] [--steps 3] [--threads 2] [--python PATH]
//     [--networks "published 64 32,small 16 128"]      stem, width and batch of each network
// Needs benchmarks/setup.sh torch. Images are noise: what they show takes no part in the time.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

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

function contestant(command, script, settings) {
  const child = spawn(command, [join(here, script), JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: options.threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    end: () => child.stdin.end(),
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended`);
      return JSON.parse(value);
    },
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function compare({ stem, width, batchSize }) {
  const settings = { stem, width, batchSize, threads: Number(options.threads) };
  const ours = contestant(process.execPath, "ours.mjs", settings);
  const torch = contestant(options.python, "torch_resnet.py", settings);
  const runners = [
    { label: "engine", contestant: ours },
    { label: "PyTorch", contestant: torch, variant: "usual" },
    { label: "PyTorch, foreach", contestant: torch, variant: "foreach" },
    { label: "PyTorch, foreach, channels last", contestant: torch, variant: "foreach, channels last" },
  ];
  const all = new Map(runners.map(({ label }) => [label, { times: [], processor: [] }]));
  let about;
  for (const { contestant, variant } of runners) {
    const answer = await contestant.ask({ variant, steps: 2 });
    about ??= answer;
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { label, contestant, variant } of runners) {
      await new Promise((done) => setTimeout(done, 100));
      const answer = await contestant.ask({ variant, steps: Number(options.steps) });
      for (const [kind, values] of Object.entries(all.get(label))) values.push(...answer[kind]);
    }
  }
  ours.end();
  torch.end();
  console.log(`\nResNet-18, ${stem} stem, width ${width}, batch ${batchSize}, ${options.threads} threads`);
  console.log("ms a step: least, median, and engine / this; then the same of processor time");
  const engine = all.get("engine");
  for (const [label, own] of all) {
    const columns = ["times", "processor"].flatMap((kind) => {
      const [least, middle] = [Math.min(...own[kind]), median(own[kind])];
      const ratios = [Math.min(...engine[kind]) / least, median(engine[kind]) / middle];
      return [least.toFixed(1), middle.toFixed(1), ...ratios.map((ratio) => ratio.toFixed(2))];
    });
    console.log(`${label.padEnd(34)}${columns.map((text) => text.padStart(8)).join("")}`);
  }
  const { build, session, bytes } = about;
  console.log(
    `building the programs ${(build / 1000).toFixed(2)} s, opening one ${(session / 1000).toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

for (const network of options.networks.split(",")) {
  const [stem, width, batchSize] = network.trim().split(" ");
  await compare({ stem, width: Number(width), batchSize: Number(batchSize) });
}
process.exit(0);
