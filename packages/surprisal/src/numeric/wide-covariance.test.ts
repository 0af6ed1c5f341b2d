import { randomStream } from "@surprisal/engine";
import "@surprisal/engine/testing";
import { describe, expect, it } from "vitest";
import { columnMeans, covarianceMatrix } from "./covariance.js";
import { wideCovariance } from "./wide-covariance.js";

describe("wideCovariance", () => {
  // 12,000 rows of 100 columns are more than one call takes.
  it.each([60, 12_000])("is the covariance of %i rows, both triangles alike", async (count) => {
    const stream = randomStream(2, "rows");
    const columns = 100;
    const rows = Float64Array.from(
      { length: count * columns },
      (_, at) => 1e6 + stream.normal() * (1 + (at % 7)),
    );
    const mean = columnMeans(rows, columns);
    const matrix = await wideCovariance(rows, columns, mean);
    expect(matrix).toBeAllClose(covarianceMatrix(rows, columns, mean), { rtol: 1e-10, atol: 1e-11 });
    const isSymmetric = matrix.every(
      (value, at) => value === matrix[(at % columns) * columns + Math.floor(at / columns)],
    );
    expect(isSymmetric).toBe(true);
  });
});
