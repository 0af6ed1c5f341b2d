import { randomStream } from "../random/index.js";
import type { LoadedRuntime } from "../runtime/platform.js";
import { createAverages } from "./averages.js";
import { countUp } from "./batches.js";
import type { Answer, Outcome, Question, Snapshot, TrainingMessage, TrainingPlan } from "./plan.js";
import type { EpochRecord } from "./problem.js";
import { copyState, createRunner, createState, type RunnerContext, type StepRunner } from "./step-runner.js";
import { chooseStepsPerCall } from "./steps-per-call.js";
import { namedStreams, ORDER_STREAM, openNoise, PROGRESS_MS } from "./training-streams.js";

/** What the loop needs of its worker. */
export interface LoopPorts {
  readonly runtime: LoadedRuntime;
  readonly inside: RunnerContext["inside"];
  readonly post: (message: TrainingMessage) => void;
  /** Waits for the calling thread's answer. */
  readonly ask: (question: Question) => Promise<Answer>;
}

/** The held-out loss, with the same noise every time. */
async function createEvaluation(context: RunnerContext, plan: TrainingPlan) {
  const { validation, programs } = plan;
  if (!validation || !programs.evaluation) return undefined;
  const noise = openNoise(plan.noise, plan.seed, "validation/");
  const beginnings = namedStreams(noise).map(([, stream]) => [stream, stream.state()] as const);
  const open = (bytes: Uint8Array, rows: number) =>
    createRunner(context, bytes, {
      rows,
      data: validation,
      noise,
      metrics: plan.validationMetricNames.length,
    });
  const batchSize = Math.min(plan.batchSize, validation.rows);
  const rest = validation.rows % batchSize;
  const full = await open(programs.evaluation, batchSize);
  const last = rest > 0 && programs.evaluationRest ? await open(programs.evaluationRest, rest) : undefined;
  const indices = countUp(validation.rows);
  return {
    async evaluate(step: number) {
      for (const [stream, state] of beginnings) stream.restore(state);
      const averages = createAverages(plan.validationMetricNames);
      for (let start = 0; start < validation.rows; ) {
        const runner = validation.rows - start >= batchSize ? full : last!;
        averages.add(await runner.run(indices, start, 1, step), 0, runner.rows);
        start += runner.rows;
      }
      return { loss: averages.loss(), metrics: averages.metrics() };
    },
    async release() {
      await full.release();
      await last?.release();
    },
  };
}

/** Trains as the plan says. Runs in the worker. Throws an `Error` when an epoch has no finite step. */
export async function runTraining(plan: TrainingPlan, ports: LoopPorts): Promise<Outcome> {
  const begun = performance.now();
  const { runtime, inside, post, ask } = ports;
  const state = createState(runtime, plan.start.vectors);
  const context: RunnerContext = { plan, runtime, state, inside };
  const order = randomStream(plan.orderSeed, ORDER_STREAM);
  const noise = openNoise(plan.noise, plan.seed);
  const streams = new Map([[ORDER_STREAM, order] as const, ...namedStreams(noise)]);
  for (const [name, saved] of Object.entries(plan.start.streams)) streams.get(name)?.restore(saved);
  const options = { data: plan.data, noise, metrics: plan.metricNames.length };
  const opened: { release(): Promise<void> }[] = [];
  const open = async (bytes: Uint8Array, rows: number, capacity?: number): Promise<StepRunner> => {
    const runner = await createRunner(context, bytes, {
      ...options,
      rows,
      ...(capacity === undefined ? {} : { capacity }),
    });
    opened.push(runner);
    return runner;
  };
  const single = plan.fullBatches > 0 ? await open(plan.programs.step, plan.batchSize) : undefined;
  const rest = plan.programs.rest ? await open(plan.programs.rest, plan.rest) : undefined;
  const evaluation = await createEvaluation(context, plan);
  if (evaluation) opened.push(evaluation);
  let loop: StepRunner | undefined;

  const chooser = chooseStepsPerCall(plan.stepsPerCall);
  const history: EpochRecord[] = [...plan.start.history];
  const stopping = plan.earlyStopping;
  let { epoch, step, skippedSteps, best } = plan.start;
  const firstStep = step;
  let rowsDone = 0;
  let stoppedEarly = false;
  let reported = performance.now();

  /** The next program to run and the steps to take with it. */
  async function nextCall(batch: number): Promise<{ runner: StepRunner; count: number }> {
    if (batch >= plan.fullBatches) return { runner: rest!, count: 1 };
    const most = Math.min(plan.fullBatches - batch, plan.steps - step);
    const wanted = chooser.next();
    const count = Math.min(most, wanted);
    if (count === 1) return { runner: single!, count };
    if (loop?.capacity !== wanted) loop = await open(plan.programs.loop, plan.batchSize, wanted);
    return { runner: loop, count };
  }

  function isStale(): boolean {
    if (!stopping || !best) return false;
    return epoch - best.epoch >= stopping.patience;
  }

  /** Takes new data where there is some. Returns whether training is to end. */
  async function refresh(): Promise<boolean> {
    const { arrays, stop } = await ask({ epoch, vectors: copyState(state) });
    for (const { name, data } of arrays) plan.data.arrays.find((array) => array.name === name)!.data = data;
    return stop;
  }

  function snapshot(): Snapshot {
    return {
      epoch,
      step,
      skippedSteps,
      history: [...history],
      streams: Object.fromEntries([...streams].map(([name, stream]) => [name, stream.state()])),
      vectors: copyState(state),
      ...(best ? { best } : {}),
    };
  }

  /** Runs one epoch, or what is left of the steps. Returns its record. */
  async function runEpoch(): Promise<EpochRecord> {
    const averages = createAverages(plan.metricNames);
    const batches = plan.fullBatches + (plan.rest > 0 ? 1 : 0);
    const indices = plan.shuffle ? order.permutation(plan.data.rows) : countUp(plan.data.rows);
    let counted = 0;

    const postProgress = (record?: EpochRecord) => {
      reported = performance.now();
      const seconds = (reported - begun) / 1000;
      post({
        type: "progress",
        progress: {
          epoch: epoch + (record ? 0 : 1),
          epochs: plan.epochs,
          step,
          steps: plan.steps,
          loss: averages.loss(),
          metrics: averages.metrics(),
          samplesPerSecond: rowsDone / seconds,
          secondsLeft: ((plan.steps - step) * seconds) / Math.max(1, step - firstStep),
          skippedSteps,
          ...(record ? { record } : {}),
        },
      });
    };

    for (let batch = 0; batch < batches && step < plan.steps; ) {
      const { runner, count } = await nextCall(batch);
      const start = performance.now();
      const reports = await runner.run(indices, batch * plan.batchSize, count, step);
      if (runner !== rest) chooser.record(count, performance.now() - start);
      for (let k = 0; k < count; k++) {
        if (averages.add(reports, k, runner.rows)) counted++;
        else skippedSteps++;
      }
      batch += count;
      step += count;
      rowsDone += count * runner.rows;
      if (performance.now() - reported >= PROGRESS_MS) postProgress();
    }
    if (counted === 0) {
      throw new Error(
        `no step of epoch ${epoch + 1} had a finite loss and gradient; lower the learning rate, set clipNorm, or look for missing or huge values in the data`,
      );
    }
    epoch++;
    const record: EpochRecord = { epoch, loss: averages.loss(), metrics: averages.metrics() };
    if (!evaluation) {
      postProgress(record);
      return record;
    }
    const held = await evaluation.evaluate(step);
    const full = { ...record, validationLoss: held.loss, validationMetrics: held.metrics };
    if (stopping && (!best || held.loss < best.loss - stopping.minDelta)) {
      best = { epoch, loss: held.loss, vectors: copyState(state) };
    }
    postProgress(full);
    return full;
  }

  try {
    // A checkpoint may be of a run that had already stopped.
    stoppedEarly = isStale();
    while (step < plan.steps && !stoppedEarly) {
      if (plan.refreshes && (await refresh())) {
        stoppedEarly = true;
        break;
      }
      history.push(await runEpoch());
      stoppedEarly = isStale();
      const isWhole = step === epoch * (plan.fullBatches + (plan.rest > 0 ? 1 : 0));
      const isDue = epoch % plan.checkpointEvery === 0 || stoppedEarly || step >= plan.steps;
      if (plan.checkpointEvery > 0 && isWhole && isDue) post({ type: "checkpoint", snapshot: snapshot() });
    }
  } finally {
    for (const each of opened) await each.release();
  }
  const isRestored = stopping?.restoreBest === true && best !== undefined;
  return {
    vectors: isRestored ? best!.vectors : copyState(state),
    epoch: isRestored ? best!.epoch : epoch,
    history,
    steps: step,
    skippedSteps,
    stoppedEarly,
    seconds: (performance.now() - begun) / 1000,
  };
}
