import { auroc, averagePrecision, bestF1Threshold, fprAtTpr } from "../metrics/index.js";
import { deviationOf, meanOf, rounded } from "./statistics.js";

/** How well one score tells the anomalies of a scenario. */
export interface Judged {
  readonly auroc: number;
  readonly ap: number;
  readonly fprAt95Tpr: number;
  /** F1 at the threshold that is best on these very labels: an upper bound, not what a user would get. */
  readonly bestF1: number;
}

export function judge(labels: Uint8Array, scores: ArrayLike<number>): Judged {
  return {
    auroc: auroc(labels, scores),
    ap: averagePrecision(labels, scores),
    fprAt95Tpr: fprAtTpr(labels, scores),
    bestF1: bestF1Threshold(labels, scores).f1,
  };
}

/** Mean and deviation of several runs, as the JSON object has them. */
export function judgedJson(runs: readonly Judged[]): Record<string, unknown> {
  const mean = (pick: (run: Judged) => number) => rounded(meanOf(runs.map(pick)));
  return {
    auroc: mean((run) => run.auroc),
    ap: mean((run) => run.ap),
    fprAt95Tpr: mean((run) => run.fprAt95Tpr),
    bestF1: mean((run) => run.bestF1),
    ...(runs.length > 1 && {
      aurocDeviation: rounded(deviationOf(runs.map((run) => run.auroc))),
      aurocRuns: runs.map((run) => rounded(run.auroc)),
    }),
  };
}
