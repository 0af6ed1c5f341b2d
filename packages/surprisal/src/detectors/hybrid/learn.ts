import { input, symbol, type Tensor } from "@surprisal/engine";
import { type CombinedDetector, isDetector } from "../../combine/index.js";
import type { CommonOptions, DeepDetector, LearnContext, Member, SampleRows } from "../../detector/index.js";
import { learnFromPrepared } from "../../detector/member.js";
import { memberScorer } from "../../detector/member-program.js";
import { SurprisalError } from "../../errors.js";
import type { RawInputs } from "../../preprocess/index.js";

type Float = Tensor<"float32">;

interface Scaling {
  readonly scaling?: NonNullable<CommonOptions["scaling"]>;
}

/** Whether a value is an unfitted deep detector. */
export const isDeep = (value: unknown): value is DeepDetector =>
  isDetector(value) && typeof (value as Partial<DeepDetector>).deep === "object";

/** Learns the encoder; the score of what it returns is the code, [N, latent]. */
async function learnEncoder(
  name: string,
  encoder: DeepDetector,
  rows: SampleRows,
  context: LearnContext,
): Promise<Member> {
  const recipe = encoder.deep;
  const { scaling } = encoder.options as Scaling;
  return learnFromPrepared<Scaling, unknown>(
    {
      supervised: recipe.supervised,
      prepare: (_, kind, dtype) => recipe.prepare(kind, dtype),
      fit(data, _, fitContext) {
        const row = { shape: data.shape.slice(1), columns: data.columns };
        const x = input("x", [symbol("N"), ...row.shape]);
        if (!recipe.graph(x, recipe.untrained(row)).code) {
          throw new SurprisalError(
            `${name}: ${encoder.name} has no code to go on from; choose an encoder that has, for instance autoencoder`,
          );
        }
        return recipe.fit(data, fitContext);
      },
      graph: (x, state) => {
        const { scores, code, elementsPerRow } = recipe.graph(x as Float, state);
        return { score: code!, outputs: scores, elementsPerRow };
      },
    },
    scaling ? { scaling } : {},
    rows,
    context,
  );
}

/** The codes of rows, as rows of a table. */
async function codesOf(encoder: Member, rows: SampleRows, signal?: AbortSignal): Promise<SampleRows> {
  const data = await memberScorer(encoder)(rows, signal);
  const latent = data.length / rows.rowCount;
  return {
    kind: "table",
    rowCount: rows.rowCount,
    dtype: "float32",
    data,
    shape: [latent],
    names: Array.from({ length: latent }, (_, i) => `z${i}`),
    named: false,
    categories: [],
    categoryNames: [],
    mayMiss: false,
  };
}

/** What is about the columns that a detector sees, which are none of the rows'. */
const ofColumns = new Set(["contribution", "reconstruction", "code"]);

/**
 * Learns a deep detector on the rows, then another detector on the codes that it gives them: one member
 * from row to score, whose outputs are the scores of both and the code.
 *
 * @throws SurprisalError for an encoder without a code, for a checkpoint, and whatever either throws.
 */
export async function learnOnCode(
  name: string,
  encoder: DeepDetector,
  detector: CombinedDetector,
  rows: SampleRows,
  context: LearnContext,
): Promise<Member> {
  const { scaling: _, anomalyRows, generalRows: __, checkpoint, resume, onProgress, ...shared } = context;
  if (checkpoint || resume !== undefined) {
    throw new SurprisalError(`${name}: an encoder and a detector cannot share a checkpoint; fit without`);
  }
  const half = (from: number) => ({
    onProgress: (progress: Parameters<typeof onProgress>[0]) =>
      onProgress({ ...progress, fraction: from + progress.fraction / 2 }),
  });
  const encoding = await learnEncoder(name, encoder, rows, { ...context, ...half(0) });
  const anomalies = anomalyRows && (await codesOf(encoding, anomalyRows, shared.signal));
  const member = await detector.learn(await codesOf(encoding, rows, shared.signal), {
    ...shared,
    ...(anomalies && { anomalyRows: anomalies }),
    ...half(0.5),
  });
  return {
    input: encoding.input,
    graph: (inputs: RawInputs) => {
      const { score: code, outputs: scores, elementsPerRow } = encoding.graph(inputs);
      const graph = member.graph({ X: code });
      const own = Object.entries(graph.outputs).filter(([output]) => !ofColumns.has(output));
      return {
        score: graph.score,
        outputs: { ...scores, ...Object.fromEntries(own), code },
        elementsPerRow: Math.max(elementsPerRow, graph.elementsPerRow),
      };
    },
    ...(encoding.history && { history: encoding.history }),
    summary: {
      ...Object.fromEntries(
        Object.entries(encoding.summary ?? {}).map(([key, value]) => [`encoder.${key}`, value]),
      ),
      ...member.summary,
      encoder: encoder.name,
      detector: detector.name,
    },
    ...(member.trainingScores && { trainingScores: member.trainingScores }),
  };
}
