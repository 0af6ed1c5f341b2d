import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** A process that answers each line of JSON with another; `env` and `stderr` as `spawn` takes them. */
export function contestant(command, script, settings, { env = process.env, stderr = "inherit" } = {}) {
  const child = spawn(command, [script, JSON.stringify(settings)], { stdio: ["pipe", "pipe", stderr], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    end: () => child.stdin.end(),
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended${stderr === "inherit" ? "" : "; set DEBUG=1 to see why"}`);
      return JSON.parse(value);
    },
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * Times steps of training of the engine and of variants of PyTorch, which take turns, and prints a table.
 * @param runners the engine first: { label, contestant, variant }
 */
export async function compareSteps(title, runners, { rounds, steps, warmUp }) {
  const all = new Map(runners.map(({ label }) => [label, { times: [], processor: [] }]));
  let about;
  for (const { contestant, variant } of runners) {
    const answer = await contestant.ask({ variant, steps: warmUp });
    about ??= answer;
  }
  for (let round = 0; round < rounds; round++) {
    for (const { label, contestant, variant } of runners) {
      await pause(100);
      const answer = await contestant.ask({ variant, steps });
      for (const [kind, values] of Object.entries(all.get(label))) values.push(...answer[kind]);
    }
  }
  for (const { contestant } of runners) contestant.end();

  console.log(`\n${title}`);
  console.log("ms a step: least, median, and engine / this; then the same of processor time");
  const engine = all.get(runners[0].label);
  const width = Math.max(...runners.map(({ label }) => label.length)) + 4;
  for (const [label, own] of all) {
    const columns = ["times", "processor"].flatMap((kind) => {
      const [least, middle] = [Math.min(...own[kind]), median(own[kind])];
      const ratios = [Math.min(...engine[kind]) / least, median(engine[kind]) / middle];
      return [least.toFixed(1), middle.toFixed(1), ...ratios.map((ratio) => ratio.toFixed(2))];
    });
    console.log(`${label.padEnd(width)}${columns.map((text) => text.padStart(8)).join("")}`);
  }
  const { build, buildProcessor, session, bytes } = about;
  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;
  console.log(
    `building the programs ${seconds(build)} (${seconds(buildProcessor)} of processor time), opening one ${seconds(session)}, ${(bytes / 1e6).toFixed(1)} MB`,
  );
}
