import { SurprisalError } from "../errors.js";
import type { NDArray } from "./ndarray.js";
import type { Column, Table } from "./table.js";

/**
 * Rows of numbers as a flat float64 array `[rows, columns]`; an NDArray is checked and passed on.
 * @throws SurprisalError for no rows, no columns, rows of unequal length, entries that are not
 *   numbers, or a shape that contradicts the number of values
 */
export function toNDArray(X: readonly (readonly number[] | ArrayLike<number>)[] | NDArray): NDArray {
  if (!Array.isArray(X)) {
    const { data, shape } = X as NDArray;
    if (!ArrayBuffer.isView(data) || !Array.isArray(shape)) {
      throw new SurprisalError(
        "Give rows of numbers, or an array { data, shape } with a typed array as data.",
      );
    }
    if (shape.length === 0 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new SurprisalError(`The shape (${shape.join(", ")}) must hold whole numbers of at least 1.`);
    }
    const length = shape.reduce((a, b) => a * b, 1);
    if (length !== data.length) {
      throw new SurprisalError(`The shape (${shape.join(", ")}) needs ${length} values, not ${data.length}.`);
    }
    return X as NDArray;
  }
  if (X.length === 0) throw new SurprisalError("The array has no rows.");
  const width = X[0]?.length;
  if (!Number.isInteger(width)) throw new SurprisalError("Row 1 of the array is not a row of numbers.");
  if (width < 1) throw new SurprisalError("Row 1 of the array has no columns.");
  const data = new Float64Array(X.length * width);
  X.forEach((row: ArrayLike<number>, i) => {
    if (row?.length !== width) {
      throw new SurprisalError(
        `Row ${i + 1} of the array has ${row?.length ?? "no"} values, row 1 has ${width}.`,
      );
    }
    for (let j = 0; j < width; j++) {
      const value = row[j];
      if (typeof value !== "number") {
        throw new SurprisalError(
          `Row ${i + 1}, column ${j + 1} of the array is ${JSON.stringify(value)}, not a number.`,
        );
      }
      data[i * width + j] = value;
    }
  });
  return { data, shape: [X.length, width] };
}

/**
 * A table from rows of numbers or an array `[rows, columns]`.
 * @param names names of the columns; default x1, x2 and so on
 * @throws SurprisalError for an array of another number of axes, or names that are too few, too many or repeated
 */
export function tableFromMatrix(
  matrix: NDArray | readonly (readonly number[])[],
  names?: readonly string[],
): Table {
  const { data, shape } = toNDArray(matrix);
  if (shape.length !== 2) {
    throw new SurprisalError(
      `A table needs an array of 2 axes (rows, columns), not of shape (${shape.join(", ")}).`,
    );
  }
  const [rows, width] = shape as readonly [number, number];
  const labels = names ?? Array.from({ length: width }, (_, j) => `x${j + 1}`);
  if (labels.length !== width)
    throw new SurprisalError(`${labels.length} names are given for ${width} columns.`);
  if (new Set(labels).size !== width)
    throw new SurprisalError("The names of the columns are not all different.");
  const columns = labels.map((name, j): Column => {
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) values[i] = data[i * width + j]!;
    return { name, kind: "numeric", values };
  });
  return { columns, rowCount: rows };
}
