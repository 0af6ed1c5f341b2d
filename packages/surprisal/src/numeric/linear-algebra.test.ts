import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  choleskyFactor,
  choleskyLogDeterminant,
  columnMeans,
  covarianceMatrix,
  invertLowerTriangular,
  smallestIndices,
  squaredMahalanobis,
  symmetricEigen,
  whitening,
} from "./index.js";

const table = (columns: number, count: number) =>
  fc
    .array(fc.integer({ min: -9, max: 9 }), { minLength: columns * count, maxLength: columns * count })
    .map((values) => Float64Array.from(values, (value, i) => value + Math.sin(i * 7.3)));

const sized = fc
  .record({ columns: fc.integer({ min: 1, max: 5 }), extra: fc.integer({ min: 1, max: 9 }) })
  .chain(({ columns, extra }) =>
    fc.record({ columns: fc.constant(columns), rows: table(columns, columns + extra) }),
  );

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  return a.map((_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return Array.from({ length: size }, (_, k) => a[i * size + k]! * b[k * size + j]!).reduce(
      (s, x) => s + x,
    );
  });
}

const expectAllClose = (actual: Float64Array, expected: Float64Array, tolerance = 1e-9) =>
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i]!)),
    );
  });

const identity = (size: number) =>
  Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));

describe("moments", () => {
  it("are their definitions, for chosen and weighted rows", () => {
    fc.assert(
      fc.property(sized, fc.boolean(), fc.boolean(), ({ columns, rows }, isChosen, isWeighted) => {
        const count = rows.length / columns;
        const indices = isChosen
          ? Uint32Array.from({ length: count - 1 }, (_, i) => count - 1 - i)
          : undefined;
        const chosen = indices ?? Uint32Array.from({ length: count }, (_, i) => i);
        const weights = isWeighted ? Float64Array.from(chosen, (_, i) => 0.5 + (i % 3)) : undefined;
        const choice = { ...(indices && { indices }), ...(weights && { weights }) };
        const at = (i: number, j: number) => rows[chosen[i]! * columns + j]!;
        const weight = (i: number) => weights?.[i] ?? 1;
        const total = chosen.reduce((sum, _, i) => sum + weight(i), 0);
        const average = (of: (i: number) => number) =>
          chosen.reduce((sum, _, i) => sum + weight(i) * of(i), 0) / total;
        const mean = columnMeans(rows, columns, choice);
        expectAllClose(
          mean,
          Float64Array.from({ length: columns }, (_, j) => average((i) => at(i, j))),
        );
        const expected = Float64Array.from({ length: columns * columns }, (_, place) => {
          const [j, k] = [Math.floor(place / columns), place % columns];
          return average((i) => (at(i, j) - mean[j]!) * (at(i, k) - mean[k]!));
        });
        expectAllClose(covarianceMatrix(rows, columns, mean, choice), expected);
      }),
    );
  });
});

describe("factorisations", () => {
  it("Cholesky: L Lᵀ is the matrix, the inverse inverts, distances and determinant follow", () => {
    fc.assert(
      fc.property(sized, ({ columns, rows }) => {
        const mean = columnMeans(rows, columns);
        const covariance = covarianceMatrix(rows, columns, mean);
        for (let j = 0; j < columns; j++) covariance[j * columns + j]! += 0.5;
        const factor = choleskyFactor(covariance, columns)!;
        const transposed = factor.map(
          (_, at) => factor[(at % columns) * columns + Math.floor(at / columns)]!,
        );
        expectAllClose(product(factor, transposed, columns), covariance);
        const inverse = invertLowerTriangular(factor, columns);
        expectAllClose(product(inverse, factor, columns), identity(columns));
        const eigen = symmetricEigen(covariance, columns);
        expect(choleskyLogDeterminant(factor, columns)).toBeCloseTo(
          eigen.values.reduce((sum, value) => sum + Math.log(value), 0),
          8,
        );
        const { matrix } = whitening(covariance, new Float64Array(columns).fill(1));
        const expected = Float64Array.from({ length: rows.length / columns }, (_, i) => {
          let squared = 0;
          for (let k = 0; k < columns; k++) {
            let value = 0;
            for (let j = 0; j < columns; j++) {
              value += (rows[i * columns + j]! - mean[j]!) * matrix[j * columns + k]!;
            }
            squared += value * value;
          }
          return squared;
        });
        expectAllClose(squaredMahalanobis(rows, columns, mean, inverse), expected, 1e-8);
      }),
    );
  });

  it("Cholesky refuses what is not positive definite", () => {
    expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
    expect(choleskyFactor(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined();
    expect(choleskyFactor(Float64Array.of(1, 0, 0, 1e-15), 2, 1e-14)).toBeUndefined();
    expect(choleskyFactor(Float64Array.of(1, 0, 0, 1e-15), 2)).toBeDefined();
    expect(choleskyFactor(Float64Array.of(Number.NaN), 1)).toBeUndefined();
  });

  it("eigenvectors are orthonormal, values ascend and give the matrix back", () => {
    const matrix = Float64Array.of(2, -1, 0.5, -1, 3, 0.25, 0.5, 0.25, 1);
    const { values, vectors } = symmetricEigen(matrix, 3);
    expect([...values]).toEqual([...values].sort((a, b) => a - b));
    const transposed = vectors.map((_, at) => vectors[(at % 3) * 3 + Math.floor(at / 3)]!);
    expectAllClose(product(transposed, vectors, 3), identity(3));
    const scaled = vectors.map((value, at) => value * values[at % 3]!);
    expectAllClose(product(scaled, transposed, 3), matrix);
  });

  it("whitening turns the covariance into the identity on its span", () => {
    const covariance = Float64Array.of(4, 2, 0, 2, 9, 0, 0, 0, 0);
    for (const outsideSpan of ["count", "ignore"] as const) {
      const { matrix, rank } = whitening(covariance, Float64Array.of(2, 3, 1), outsideSpan);
      expect(rank).toBe(2);
      const transposed = matrix.map((_, at) => matrix[(at % 3) * 3 + Math.floor(at / 3)]!);
      expectAllClose(
        product(product(transposed, covariance, 3), matrix, 3),
        Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0),
      );
      expect(matrix[8]).toBeCloseTo(outsideSpan === "count" ? 1e6 : 0, 3);
    }
    const wider = Float64Array.of(9, 9, 9, 9, 9, 9, 9, 9, 25);
    const { matrix, rank } = whitening(covariance, Float64Array.of(2, 3, 1), "count", wider);
    expect(rank).toBe(2);
    expect(matrix[8]).toBeCloseTo(1 / 5, 12);
  });
});

describe("smallestIndices", () => {
  it("takes the k smallest, of equal ones the first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 }), (values) => {
        const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
        for (const k of [1, Math.ceil(values.length / 2), values.length]) {
          const expected = order.slice(0, k).sort((a, b) => a - b);
          expect([...smallestIndices(Float64Array.from(values), k)]).toEqual(expected);
        }
      }),
    );
    expect([...smallestIndices(Float64Array.of(Infinity, 3, Infinity), 2)]).toEqual([0, 1]);
  });
});
