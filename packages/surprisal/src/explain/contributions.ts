import type { Table } from "../data/table.js";
import type { FittedDetector } from "../detector/types.js";
import { occlusion, type TypicalValue } from "./occlusion.js";

/**
 * What each column adds to the score of each row: the file's own output `contribution` where it has
 * one, else by {@link occlusion}.
 * @param rows the columns the detector was fitted on, in that order
 * @returns rows × columns, row-major, in units of the score
 * @throws SurprisalError as `score`
 */
export async function contributions(
  model: FittedDetector,
  rows: Table,
  typical: readonly TypicalValue[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (!model.metadata.outputs.includes("contribution")) return occlusion(model, rows, typical, signal);
  const { outputs } = await model.score(rows, {
    outputs: ["contribution"],
    ...(signal === undefined ? {} : { signal }),
  });
  return outputs.contribution!.data;
}
