// The two protocols under which the published figures were made, and the data they use.

import { randomStream } from "@surprisal/engine";
import { listDatasets, loadDataset, takeRows } from "surprisal";

/** Rows beyond this are left out at random, as in the published runs. */
const MOST_ROWS = 50_000;

/** Names of the ADBench sets of the registry. */
export const sets = listDatasets()
  .map(({ name }) => name)
  .filter((name) => name.startsWith("adbench/"));

export async function loadSet(name) {
  const { table, y } = await loadDataset(name);
  return { name, table, labels: y };
}

function limited(labels, stream) {
  const order = Array.from(stream.permutation(labels.length));
  return order.slice(0, MOST_ROWS);
}

/**
 * `semi`: half of the normal rows to learn from, the rest and all anomalies to score.
 * `unsupervised`: a bootstrap of all rows to learn from, all rows to score.
 */
export function split({ table, labels }, protocol, seed) {
  const stream = randomStream(seed, `benchmark/${protocol}`);
  const rows = limited(labels, stream);
  let training;
  let test = rows;
  if (protocol === "semi") {
    const normals = rows.filter((row) => labels[row] === 0);
    training = normals.slice(0, Math.floor(normals.length / 2));
    const learned = new Set(training);
    test = rows.filter((row) => !learned.has(row));
  } else {
    training = rows.map(() => rows[stream.integer(rows.length)]);
  }
  return {
    training: takeRows(table, training),
    test: takeRows(table, test),
    labels: Uint8Array.from(test, (row) => labels[row]),
  };
}
