import {
  emitModel,
  type HostTensor,
  input,
  matmul,
  openSession,
  sub,
  symbol,
  transpose,
} from "@surprisal/engine";
import { covarianceMatrix, divideSymmetric } from "./covariance.js";

/** From so many products a program is faster than loops here. */
const LEAST_PRODUCTS = 1 << 25;

/** Values of the rows that a call takes. */
const BLOCK_ELEMENTS = 1 << 20;

/**
 * As `covarianceMatrix`, of all rows alike; where they are many and wide, by products in ONNX Runtime
 * in double precision.
 */
export async function wideCovariance(
  rows: Float64Array,
  columns: number,
  mean: Float64Array,
): Promise<Float64Array> {
  if (rows.length * columns < LEAST_PRODUCTS) return covarianceMatrix(rows, columns, mean);
  const x = input("x", [symbol("N"), columns], "float64");
  const deviations = sub(x, input("mean", [columns], "float64"));
  const products = matmul(transpose(deviations), deviations);
  await using session = await openSession(emitModel({ name: "covariance", outputs: { products } }));
  const tensor = (data: Float64Array, ...shape: number[]): HostTensor => ({ dtype: "float64", shape, data });
  const count = rows.length / columns;
  const blockRows = Math.max(1, Math.floor(BLOCK_ELEMENTS / columns));
  const matrix = new Float64Array(columns * columns);
  for (let from = 0; from < count; from += blockRows) {
    const to = Math.min(count, from + blockRows);
    const block = tensor(rows.subarray(from * columns, to * columns), to - from, columns);
    const part = (await session.run({ x: block, mean: tensor(mean, columns) })).products!
      .data as Float64Array;
    for (let k = 0; k < matrix.length; k++) matrix[k]! += part[k]!;
  }
  // Both triangles alike, whatever order the products were added up in.
  divideSymmetric(matrix, columns, count);
  return matrix;
}
