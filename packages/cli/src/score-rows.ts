import type { Column, FittedDetector, Scores, Table } from "surprisal";
import { shortFloat32 } from "./format.js";

const numeric = (name: string, length: number, at: (row: number) => number): Column => ({
  name,
  kind: "numeric",
  values: Float64Array.from({ length }, (_, row) => at(row)),
});

/** Names of the columns that a further output of the model becomes, one for each of its elements. */
function columnNames(output: string, shape: readonly number[], model: FittedDetector): string[] {
  const size = shape.slice(1).reduce((product, dim) => product * dim, 1);
  if (shape.length === 1) return [output];
  const { features } = model.metadata;
  const named = output === "contribution" && features.length === size;
  return Array.from({ length: size }, (_, j) => `${output}_${named ? features[j] : j}`);
}

/**
 * The result of scoring some rows as a table: row (from 0), score, p_value (empty without
 * calibration), is_anomaly (1 or 0), selected (1 or 0) where rows were, further outputs by name, and
 * columns of the input.
 * @param first number of the first row in the data
 */
export function scoreTable(
  model: FittedDetector,
  scores: Scores,
  first: number,
  kept: readonly Column[],
  selected: readonly boolean[] | undefined,
): Table {
  const rowCount = scores.scores.length;
  const further = Object.entries(scores.outputs).flatMap(([output, { data, shape }]) => {
    const names = columnNames(output, shape, model);
    return names.map((name, j) =>
      numeric(name, rowCount, (row) => shortFloat32(data[row * names.length + j]!)),
    );
  });
  const { pValues } = scores;
  const columns = [
    numeric("row", rowCount, (row) => first + row),
    numeric("score", rowCount, (row) => shortFloat32(scores.scores[row]!)),
    numeric("p_value", rowCount, (row) => (pValues === undefined ? Number.NaN : shortFloat32(pValues[row]!))),
    numeric("is_anomaly", rowCount, (row) => (scores.isAnomaly[row] ? 1 : 0)),
    ...(selected ? [numeric("selected", rowCount, (row) => (selected[row] ? 1 : 0))] : []),
    ...further,
    ...kept,
  ];
  return { columns, rowCount };
}
