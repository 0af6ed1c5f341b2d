import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { pivotedCholesky } from "./pivoted-cholesky.js";

/** A Aᵀ for a random A [size, rank]. */
function gram(size: number, rank: number): Float64Array {
  const a = new Float64Array(size * rank);
  randomStream(5, "pivoted-cholesky-test").fillNormal(a);
  return Float64Array.from({ length: size * size }, (_, at) => {
    let value = 0;
    for (let k = 0; k < rank; k++) value += a[Math.floor(at / size) * rank + k]! * a[(at % size) * rank + k]!;
    return value;
  });
}

describe("pivotedCholesky", () => {
  it.each([
    [12, 12],
    [12, 5],
    [3, 1],
  ])("takes apart a matrix of size %i and rank %i", (size, rank) => {
    const matrix = gram(size, rank);
    const { pivots, factor } = pivotedCholesky(matrix, size, 1e-12);
    expect(pivots).toHaveLength(rank);
    expect(new Set(pivots).size).toBe(rank);
    matrix.forEach((value, at) => {
      let product = 0;
      for (let k = 0; k < rank; k++) {
        product += factor[k * size + Math.floor(at / size)]! * factor[k * size + (at % size)]!;
      }
      expect(product).toBeCloseTo(value, 9);
    });
    // Triangular in the order of the pivots.
    for (let k = 0; k < rank; k++) {
      for (let i = 0; i < k; i++) expect(factor[k * size + pivots[i]!]).toBe(0);
    }
  });

  it("has rank 0 for a matrix of zeros", () => {
    expect(pivotedCholesky(new Float64Array(4), 2, 1e-12).pivots).toHaveLength(0);
  });
});
