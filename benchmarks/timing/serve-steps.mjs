import { createInterface } from "node:readline";
import { nativeTarget } from "../../packages/engine/dist/emit/native/index.js";
import { randomStream } from "../../packages/engine/dist/random/index.js";
import { platform } from "../../packages/engine/dist/runtime/node.js";
import { probeBlockSize } from "../../packages/engine/dist/runtime/probe.js";
import { prepareTraining } from "../../packages/engine/dist/train/prepare.js";
import { createRunner, createState } from "../../packages/engine/dist/train/step-runner.js";

/** Milliseconds of processor time, of all threads. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * One contestant of a benchmark of training: builds the step of a problem through the engine, then makes
 * as many as each line of the standard input asks for, timed one by one. With PORTABLE in the environment
 * without the native layout; MODEL is a path to write the step's program to.
 */
export async function serveSteps(makeProblem, { batchSize, optimizer, threads, noise = new Map() }) {
  const [begun, begunProcessor] = [performance.now(), processorTime()];
  const problem = makeProblem();
  const count = problem.data.x.shape[0];
  const blockSize = await probeBlockSize();
  const options = {
    epochs: 1,
    batchSize,
    optimizer,
    ...(process.env.PORTABLE ? {} : { target: nativeTarget({ blockSize }) }),
    dropLast: true,
  };
  const { plan } = await prepareTraining(problem, options, { threads });
  const [built, builtProcessor] = [performance.now(), processorTime()];
  if (process.env.MODEL) await platform.writeFile(process.env.MODEL, [plan.programs.step]);
  const runtime = await platform.loadRuntime();
  const state = createState(runtime, plan.start.vectors);
  const runner = await createRunner({ plan, runtime, state, inside: (task) => task() }, plan.programs.step, {
    rows: batchSize,
    data: plan.data,
    noise,
    metrics: 0,
    trains: true,
  });
  const opened = performance.now();
  const order = randomStream(1, "order").permutation(count);
  let step = 0;

  async function next() {
    const start = (step * batchSize) % (count - batchSize + 1);
    const [from, fromProcessor] = [performance.now(), processorTime()];
    const report = await runner.run(order, start, 1, step++);
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
        buildProcessor: builtProcessor - begunProcessor,
        session: opened - built,
        bytes: plan.programs.step.length,
      }),
    );
  }
  process.exit(0);
}
