import { stack } from "@surprisal/engine";
import type { PreparedData } from "../detector/index.js";
import { classifierElements, evaluateRows } from "../networks/index.js";
import { odin } from "../scores/index.js";
import { type ClassifierState, trainedClassifier } from "./state.js";

/** Steps that ODIN's authors searched about, in units of pixels in [0, 1]. */
export const epsilonGrid = [0, 0.0005, 0.0014, 0.0028, 0.005, 0.01] as const;

/**
 * The step of the grid at which held-out normal rows are told with most confidence on average (Hsu et al.
 * 2020, equation 7), so that no anomaly is needed to choose it. Confidence is the negative ODIN score.
 */
export async function chooseEpsilon(
  state: ClassifierState,
  prepared: PreparedData,
  temperature: number,
  signal?: AbortSignal,
): Promise<{ readonly epsilon: number; readonly confidences: readonly number[] }> {
  const classifier = trainedClassifier(state);
  const logitsOf = (x: Parameters<typeof classifier>[0]) => classifier(x).logits;
  const elementsPerRow = 4 * epsilonGrid.length * classifierElements(state.body, state.row);
  const scores = await evaluateRows(
    (x) => {
      const logits = logitsOf(x);
      return stack(
        epsilonGrid.map((epsilon) => odin(logitsOf, x, { logits, temperature, epsilon })),
        1,
      );
    },
    prepared,
    { elementsPerRow, signal },
  );
  const totals = new Float64Array(epsilonGrid.length);
  scores.forEach((score, at) => {
    totals[at % totals.length]! -= score;
  });
  const best = totals.indexOf(Math.max(...totals));
  return {
    epsilon: epsilonGrid[best]!,
    confidences: Array.from(totals, (total) => total / prepared.shape[0]!),
  };
}
