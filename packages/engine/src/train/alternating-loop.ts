import { randomStream } from "../random/index.js";
import type { TurnProgress, TurnRecord } from "./alternating-problem.js";
import { createAverages } from "./averages.js";
import type { AlternatingOutcome, AlternatingPlan, PlanMove, TrainingMessage } from "./plan.js";
import { createRowOrder } from "./row-order.js";
import { copyState, createRunner, createState, type StepRunner } from "./step-runner.js";
import { chooseStepsPerCall } from "./steps-per-call.js";
import type { LoopPorts } from "./training-loop.js";
import { ORDER_STREAM, openNoise, PROGRESS_MS } from "./training-streams.js";

/** What the loop needs of its worker. */
type AlternatingPorts = Omit<LoopPorts, "post" | "ask"> & {
  readonly post: (message: TrainingMessage<TurnProgress, AlternatingOutcome>) => void;
};

/** Takes the steps of one move. */
interface MoveRunner {
  readonly name: string;
  steps: number;
  averages: ReturnType<typeof createAverages>;
  /** Steps of the present record that counted. */
  counted: number;
  /** Takes at most `most` steps in one call. Returns how many, and how many of them were skipped. */
  take(most: number): Promise<{ taken: number; skipped: number; rows: number }>;
  clear(): void;
}

/** Trains by turns as the plan says. Runs in the worker. Throws an `Error` when a record has no finite step. */
export async function runAlternating(
  plan: AlternatingPlan,
  ports: AlternatingPorts,
): Promise<AlternatingOutcome> {
  const begun = performance.now();
  const { runtime, inside, post } = ports;
  const state = createState(runtime, plan.vectors);
  const noise = openNoise(plan.noise, plan.seed);
  const order = plan.shuffle ? randomStream(plan.seed, ORDER_STREAM) : undefined;
  const rowOrder = createRowOrder(plan.data.rows, plan.batchSize, order);
  const opened: StepRunner[] = [];

  async function createMove(move: PlanMove): Promise<MoveRunner> {
    const context = { plan: { ...plan, scalars: move.scalars }, runtime, state, inside };
    const open = async (bytes: Uint8Array, capacity?: number): Promise<StepRunner> => {
      const runner = await createRunner(context, bytes, {
        rows: plan.batchSize,
        data: plan.data,
        noise,
        metrics: move.metricNames.length,
        ...(capacity === undefined ? {} : { capacity }),
      });
      opened.push(runner);
      return runner;
    };
    const single = await open(move.step);
    let loop: StepRunner | undefined;
    const chooser = chooseStepsPerCall(plan.stepsPerCall);
    const runner: MoveRunner = {
      name: move.name,
      steps: 0,
      averages: createAverages(move.metricNames),
      counted: 0,
      async take(most) {
        const wanted = chooser.next();
        const taken = Math.min(most, wanted);
        if (taken > 1 && loop?.capacity !== wanted) loop = await open(move.loop, wanted);
        const program = taken > 1 ? loop! : single;
        const indices = single.readsData ? rowOrder.next(taken) : new Uint32Array(0);
        const start = performance.now();
        const reports = await program.run(indices, 0, taken, runner.steps);
        chooser.record(taken, performance.now() - start);
        let skipped = 0;
        for (let k = 0; k < taken; k++) if (!runner.averages.add(reports, k, 1)) skipped++;
        runner.steps += taken;
        runner.counted += taken - skipped;
        return { taken, skipped, rows: indices.length };
      },
      clear() {
        runner.averages = createAverages(move.metricNames);
        runner.counted = 0;
      },
    };
    return runner;
  }

  const moves: MoveRunner[] = [];
  const turns = plan.phases.reduce((sum, phase) => sum + phase.turns.length, 0);
  const steps = plan.phases
    .flatMap((phase) => phase.turns)
    .reduce((sum, turn) => sum + turn.reduce((count, [, taken]) => count + taken, 0), 0);
  const history: TurnRecord[] = [];
  const kept: Record<string, ReturnType<typeof copyState>> = {};
  let turn = 0;
  let step = 0;
  let skippedSteps = 0;
  let rowsDone = 0;
  let reported = performance.now();

  function means(phase: string): TurnRecord {
    const active = moves.filter(({ counted }) => counted > 0);
    return {
      phase,
      turn,
      losses: Object.fromEntries(active.map(({ name, averages }) => [name, averages.loss()])),
      metrics: Object.fromEntries(
        active.flatMap(({ name, averages }) =>
          Object.entries(averages.metrics()).map(([metric, value]) => [`${name}/${metric}`, value]),
        ),
      ),
    };
  }

  function postProgress(now: TurnRecord, isRecord: boolean): void {
    reported = performance.now();
    const seconds = (reported - begun) / 1000;
    post({
      type: "progress",
      progress: {
        ...now,
        turns,
        step,
        steps,
        samplesPerSecond: rowsDone / seconds,
        secondsLeft: ((steps - step) * seconds) / Math.max(1, step),
        skippedSteps,
        ...(isRecord ? { record: now } : {}),
      },
    });
  }

  function closeRecord(phase: string): void {
    if (moves.every(({ counted }) => counted === 0)) {
      throw new Error(
        `no step before turn ${turn} of phase ${phase} had a finite loss and gradient; lower the learning rate, set clipNorm, or look for missing or huge values in the data`,
      );
    }
    const record = means(phase);
    history.push(record);
    postProgress(record, true);
    for (const move of moves) move.clear();
  }

  try {
    for (const move of plan.moves) moves.push(await createMove(move));
    for (const phase of plan.phases) {
      for (const [i, takes] of phase.turns.entries()) {
        for (const [move, count] of takes) {
          for (let done = 0; done < count; ) {
            const { taken, skipped, rows } = await moves[move]!.take(count - done);
            done += taken;
            step += taken;
            skippedSteps += skipped;
            rowsDone += rows;
            if (performance.now() - reported >= PROGRESS_MS) postProgress(means(phase.name), false);
          }
        }
        turn++;
        if ((i + 1) % plan.recordEvery === 0 || i + 1 === phase.turns.length) closeRecord(phase.name);
      }
      if (phase.keep) kept[phase.name] = copyState(state);
    }
  } finally {
    for (const each of opened) await each.release();
  }
  return {
    vectors: copyState(state),
    kept,
    history,
    steps: Object.fromEntries(moves.map((move) => [move.name, move.steps])),
    skippedSteps,
    seconds: (performance.now() - begun) / 1000,
  };
}
