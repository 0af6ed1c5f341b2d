import { SurprisalError } from "../errors.js";

/** How clusters and classes of the same rows go together. */
export interface ClusterAgreement {
  /** Rows of each cluster and class, `[clusters][classes]`. */
  readonly counts: readonly (readonly number[])[];
  /** Part of the rows that are of their cluster's most frequent class. */
  readonly purity: number;
  /** Mutual information over the mean of both entropies, 0 to 1. */
  readonly nmi: number;
  /** Part of the rows that are right when each cluster stands for one class, each class for one cluster, at best. */
  readonly accuracy: number;
}

/**
 * Compares clusters with classes that were not used to find them. Both are whole numbers from 0.
 * @throws SurprisalError for no rows, other lengths, or numbers that are none
 */
export function clusterAgreement(clusters: ArrayLike<number>, classes: ArrayLike<number>): ClusterAgreement {
  const total = clusters.length;
  if (total === 0 || classes.length !== total) {
    throw new SurprisalError(
      `${total} clusters and ${classes.length} classes were given; give one of each a row`,
    );
  }
  const size = (numbers: ArrayLike<number>, what: string): number => {
    let largest = 0;
    for (let row = 0; row < total; row++) {
      const value = numbers[row]!;
      if (!Number.isInteger(value) || value < 0)
        throw new SurprisalError(`the ${what} of row ${row} is ${value}, not a whole number from 0`);
      largest = Math.max(largest, value);
    }
    return largest + 1;
  };
  const [rows, columns] = [size(clusters, "cluster"), size(classes, "class")];
  const counts = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  for (let row = 0; row < total; row++) counts[clusters[row]!]![classes[row]!]!++;
  const ofClusters = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const ofClasses = Array.from({ length: columns }, (_, c) => counts.reduce((sum, row) => sum + row[c]!, 0));
  const entropy = (sizes: readonly number[]) =>
    sizes.reduce((sum, n) => (n === 0 ? sum : sum - (n / total) * Math.log(n / total)), 0);
  let information = 0;
  counts.forEach((row, i) => {
    row.forEach((n, j) => {
      if (n > 0) information += (n / total) * Math.log((n * total) / (ofClusters[i]! * ofClasses[j]!));
    });
  });
  const mean = (entropy(ofClusters) + entropy(ofClasses)) / 2;
  return {
    counts,
    purity: counts.reduce((sum, row) => sum + Math.max(...row), 0) / total,
    nmi: mean === 0 ? 1 : Math.max(0, information / mean),
    accuracy: bestAssignment(counts) / total,
  };
}

/** The largest sum of entries of which no two share a row or a column (Kuhn 1955; Munkres 1957). */
function bestAssignment(values: readonly (readonly number[])[]): number {
  const size = Math.max(values.length, values[0]!.length);
  const cost = (i: number, j: number) => -(values[i - 1]?.[j - 1] ?? 0);
  // Shortest augmenting paths with potentials; index 0 is the place of the row that is looked after.
  const [u, v] = [new Float64Array(size + 1), new Float64Array(size + 1)];
  const rowOf = new Uint32Array(size + 1);
  for (let i = 1; i <= size; i++) {
    rowOf[0] = i;
    let column = 0;
    const slack = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
    const from = new Uint32Array(size + 1);
    const seen = new Uint8Array(size + 1);
    do {
      seen[column] = 1;
      const row = rowOf[column]!;
      let next = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let j = 1; j <= size; j++) {
        if (seen[j]) continue;
        const reduced = cost(row, j) - u[row]! - v[j]!;
        if (reduced < slack[j]!) [slack[j], from[j]] = [reduced, column];
        if (slack[j]! < least) [least, next] = [slack[j]!, j];
      }
      for (let j = 0; j <= size; j++) {
        if (seen[j]) {
          u[rowOf[j]!]! += least;
          v[j]! -= least;
        } else slack[j]! -= least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = from[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  let sum = 0;
  for (let j = 1; j <= size; j++) sum -= cost(rowOf[j]!, j);
  return sum;
}
