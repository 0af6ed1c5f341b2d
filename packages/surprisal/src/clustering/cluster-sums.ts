/** The rows of each cluster and the sums of their columns, [clusters, columns]. */
export interface Sums {
  readonly sizes: Uint32Array;
  readonly sums: Float64Array;
}

/** Adds a row to a cluster (sign 1) or takes it away (-1). */
function addRow(
  rows: Float32Array,
  row: number,
  { sizes, sums }: Sums,
  label: number,
  sign: number,
  columns: number,
): void {
  sizes[label] = sizes[label]! + sign;
  for (let j = 0, from = row * columns, to = label * columns; j < columns; j++) {
    sums[to + j] = sums[to + j]! + sign * rows[from + j]!;
  }
}

/** Moves a row from its cluster to another. */
export function moveRow(
  rows: Float32Array,
  row: number,
  clusters: Sums,
  labels: Uint32Array,
  label: number,
  columns: number,
): void {
  addRow(rows, row, clusters, labels[row]!, -1, columns);
  addRow(rows, row, clusters, label, 1, columns);
  labels[row] = label;
}

/** The clusters' sums, from the rows' labels. */
export function sumClusters(
  rows: Float32Array,
  columns: number,
  labels: Uint32Array,
  clusters: number,
): Sums {
  const made: Sums = { sizes: new Uint32Array(clusters), sums: new Float64Array(clusters * columns) };
  for (let i = 0; i < labels.length; i++) addRow(rows, i, made, labels[i]!, 1, columns);
  return made;
}
