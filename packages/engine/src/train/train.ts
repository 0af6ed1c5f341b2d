import { platform } from "#platform";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { ParameterTree } from "./parameters.js";
import type { Answer, Question, TrainingMessage } from "./plan.js";
import { type ErasedProblem, prepareTraining } from "./prepare.js";
import { refreshedArrays } from "./prepare-data.js";
import type { DataArrays, TrainingOptions, TrainingProblem, TrainingResult } from "./problem.js";
import { runPlan } from "./training-workers.js";
import { trainedTree } from "./vectors.js";

/**
 * Fits parameters to data by minimising a loss.
 *
 * The loss is a function of parameters, batch, noise and scheduled scalars that returns an
 * expression. It is called a few times, to build the programs; then a worker thread runs one
 * program for each step: forward, gradient and update together. The calling thread stays free.
 * The result depends on the problem, the options and the seed alone: not on threads or timing, nor
 * on whether the run was interrupted and resumed.
 *
 * The last batch of an epoch may be smaller; it has a program of its own, so that nothing is
 * padded, and epoch means weigh each row once.
 *
 * Throws a `TypeError` or `RangeError` that names the wrong array or option; an `Error` when no
 * step of an epoch is finite, when the worker is lost, or when the checkpoint of `resume` does not
 * fit; and the signal's reason when it is aborted, which leaves the last checkpoint as it was.
 */
export async function train<
  const T extends ParameterTree,
  D extends DataArrays,
  N extends string = never,
  S extends string = never,
>(problem: TrainingProblem<T, D, N, S>, options: TrainingOptions): Promise<TrainingResult<T>> {
  const { signal, checkpoint, resume, onProgress } = options;
  signal?.throwIfAborted();
  const erased = problem as unknown as ErasedProblem;
  const { plan, layout, fingerprint } = await prepareTraining(erased, options, {
    threads: platform.cores,
  });
  const start =
    resume === undefined
      ? plan.start
      : decodeCheckpoint(await platform.readFile(resume), fingerprint, resume);
  signal?.throwIfAborted();

  let written: Promise<void> = Promise.resolve();
  let writeError: unknown;
  const onMessage = (message: TrainingMessage) => {
    if (writeError !== undefined) throw writeError;
    if (message.type === "progress") onProgress?.(message.progress);
    if (message.type === "checkpoint" && checkpoint) {
      const parts = encodeCheckpoint(fingerprint, message.snapshot);
      written = written
        .then(() => platform.writeFile(checkpoint.path, parts))
        .catch((error: unknown) => {
          writeError ??= error;
        });
    }
  };
  try {
    const answer = async ({ epoch, vectors }: Question): Promise<Answer> => {
      const parameters = trainedTree(erased.parameters, layout, vectors);
      const { data = {}, stop = false } = await erased.refresh!(epoch, parameters);
      return { arrays: refreshedArrays(plan.data, data), stop };
    };
    const outcome = await runPlan({ ...plan, start }, onMessage, signal, answer);
    await written;
    if (writeError !== undefined) throw writeError;
    const { vectors, ...rest } = outcome;
    const parameters = trainedTree(problem.parameters, layout, vectors);
    return { ...rest, parameters } as unknown as TrainingResult<T>;
  } finally {
    // A checkpoint under way is completed also when training ends by an error.
    await written;
  }
}
