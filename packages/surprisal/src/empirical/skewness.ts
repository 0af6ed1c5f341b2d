/**
 * The sign (-1, 0, 1) of the sample skewness of every column of `rows` [n, columns]; 0 for a column
 * that does not vary beyond rounding.
 *
 * Sums run down the rows in order, so that where the third moment is nothing but rounding its sign
 * is the one that numpy and scipy find.
 */
export function skewnessSigns(rows: Float32Array | Float64Array, columns: number): Int8Array {
  const count = rows.length / columns;
  const mean = new Float64Array(columns);
  for (let i = 0, column = 0; i < rows.length; i++) {
    mean[column] = mean[column]! + rows[i]!;
    if (++column === columns) column = 0;
  }
  for (let column = 0; column < columns; column++) mean[column] = mean[column]! / count;

  const second = new Float64Array(columns);
  const third = new Float64Array(columns);
  for (let i = 0, column = 0; i < rows.length; i++) {
    const deviation = rows[i]! - mean[column]!;
    const squared = deviation * deviation;
    second[column] = second[column]! + squared;
    third[column] = third[column]! + squared * deviation;
    if (++column === columns) column = 0;
  }
  return Int8Array.from(third, (moment, column) => {
    const isConstant = second[column]! / count <= (Number.EPSILON * mean[column]!) ** 2;
    return isConstant ? 0 : Math.sign(moment);
  });
}
