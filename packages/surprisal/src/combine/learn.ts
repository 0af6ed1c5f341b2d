import {
  concat,
  emitModel,
  expandDims,
  input,
  openSession,
  randomStream,
  simplify,
  symbol,
  type Tensor,
} from "@surprisal/engine";
import type { Detector, LearnContext, Member, SampleRows } from "../detector/index.js";
import { memberScorer } from "../detector/member-program.js";
import { takeSampleRows } from "../detector/samples.js";
import { SurprisalError } from "../errors.js";
import { fitPreprocess, type RawInputs } from "../preprocess/index.js";
import { combinationGraph } from "./graph.js";
import { type CombinationOptions, dealBuckets } from "./methods.js";
import { fitScoreScale, scoreScaleGraph } from "./score-scale.js";

/**
 * A detector as far as a combination uses it. Its graph is given the inputs of all the rows' columns,
 * and need not use all of them.
 */
export type CombinedDetector = Pick<Detector, "name" | "learn">;

/** More training rows than this place a member's scale no better. */
const SCALE_ROWS = 10_000;

/** Names of the members' scores among the outputs; a repeated detector is numbered. */
function outputNames(detectors: readonly CombinedDetector[]): string[] {
  const seen = new Map<string, number>();
  return detectors.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const base = name.replaceAll("-", "_");
    return count === 1 ? base : `${base}_${count}`;
  });
}

/** The scores of all members side by side, [N, members]. */
function scoreMatrix(members: readonly Member[], inputs: RawInputs) {
  const graphs = members.map((member) => member.graph(inputs));
  const scores = graphs.map(({ score }) => score);
  return {
    scores,
    matrix: concat(
      scores.map((score) => expandDims(score, 1)),
      1,
    ),
    elementsPerRow: Math.max(...graphs.map((graph) => graph.elementsPerRow)),
  };
}

/** The members' scores of the same training rows, for their scales: one array a member. */
async function scoresForScale(
  detectors: readonly CombinedDetector[],
  members: readonly Member[],
  schema: Member["input"],
  rows: SampleRows,
  { seed, signal }: LearnContext,
): Promise<Float32Array[]> {
  const drawn = randomStream(seed, "combination/scale");
  const chosen =
    rows.rowCount <= SCALE_ROWS ? rows : takeSampleRows(rows, drawn.choice(rows.rowCount, SCALE_ROWS).sort());
  const scorer = memberScorer({
    input: schema,
    graph: (inputs) => {
      const { matrix, elementsPerRow } = scoreMatrix(members, inputs);
      return { score: matrix, outputs: {}, elementsPerRow };
    },
  });
  const all = await scorer(chosen, signal);
  return members.map((_, member) => {
    const scores = Float32Array.from(
      { length: chosen.rowCount },
      (_, i) => all[i * members.length + member]!,
    );
    if (scores.some(Number.isNaN)) {
      throw new SurprisalError(
        `${detectors[member]!.name}: the score of a training row is not a number, so it cannot be combined`,
      );
    }
    return scores;
  });
}

/** Rows whose scores are combined in one call. */
const CALL_ROWS = 65_536;

/**
 * The combination's scores of all training rows, where every member has a shorter way to its own;
 * `combine` is the graph from the members' scores to that of the combination.
 */
function shorterWay(
  members: readonly Member[],
  combine: (matrix: Tensor<"float32">) => Tensor<"float32">,
): Member["trainingScores"] {
  const ways = members.flatMap(({ trainingScores }) => (trainingScores ? [trainingScores] : []));
  if (ways.length < members.length) return undefined;
  const width = members.length;
  return async (signal) => {
    const columns: Float32Array[] = [];
    for (const way of ways) columns.push(await way(signal));
    const [score] = simplify([combine(input("scores", [symbol("N"), width]))]);
    await using session = await openSession(emitModel({ outputs: { score: score! } }));
    const combined = new Float32Array(columns[0]!.length);
    for (let from = 0; from < combined.length; from += CALL_ROWS) {
      signal?.throwIfAborted();
      const rows = Math.min(CALL_ROWS, combined.length - from);
      const data = Float32Array.from(
        { length: rows * width },
        (_, at) => columns[at % width]![from + Math.floor(at / width)]!,
      );
      const result = await session.run({ scores: { dtype: "float32", shape: [rows, width], data } });
      combined.set(result.score!.data as Float32Array, from);
    }
    return combined;
  };
}

/**
 * Learns every detector on the same rows, each with a seed of its own, and how to bring their scores
 * together. With `keepScores` each member's own score is a further output.
 *
 * @throws SurprisalError for more buckets than members, for a checkpoint, and whatever a member throws.
 */
export async function learnCombination(
  detectors: readonly CombinedDetector[],
  rows: SampleRows,
  { method, scale, buckets, keepScores }: CombinationOptions & { readonly keepScores: boolean },
  context: LearnContext,
): Promise<Member> {
  const count = detectors.length;
  const dealt = dealBuckets(count, buckets ?? Math.min(5, Math.ceil(count / 2)), context.seed);
  if (dealt.some((bucket) => bucket.length === 0)) {
    throw new SurprisalError(`buckets is ${buckets}, but there are only ${count} detectors to deal out`);
  }
  if (context.checkpoint || context.resume !== undefined) {
    throw new SurprisalError("several detectors cannot share a checkpoint; fit them one by one, or without");
  }
  const { missing, maxCategories } = context;
  const preparation = { scaling: "none", dtype: "float64", clip: false, missing, maxCategories } as const;
  const { input: schema } = fitPreprocess(rows, preparation);
  const seeds = randomStream(context.seed, "combination/members");
  const members: Member[] = [];
  for (const detector of detectors) {
    const done = members.length;
    const member = await detector.learn(rows, {
      ...context,
      seed: seeds.uint32(),
      onProgress: ({ fraction }) => context.onProgress({ fraction: (done + fraction) / count }),
    });
    members.push(member);
    context.onProgress({ fraction: (done + 1) / count });
  }
  const learned = fitScoreScale(
    scale,
    scale === "none" ? [] : await scoresForScale(detectors, members, schema, rows, context),
  );
  const names = outputNames(detectors);
  const combine = (matrix: Tensor<"float32">) =>
    combinationGraph(scoreScaleGraph(matrix, learned), method, dealt);
  const trainingScores = shorterWay(members, combine);
  return {
    input: schema,
    graph: (inputs) => {
      const { scores, matrix, elementsPerRow } = scoreMatrix(members, inputs);
      const outputs: Record<string, Tensor> = {};
      if (keepScores) {
        names.forEach((name, i) => {
          outputs[name] = scores[i]!;
        });
      }
      return {
        score: combine(matrix),
        outputs,
        elementsPerRow,
      };
    },
    summary: { detectors: count },
    ...(trainingScores && { trainingScores }),
  };
}
