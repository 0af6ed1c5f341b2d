/** A numeric column; a missing value is NaN. */
export interface NumericColumn {
  readonly name: string;
  readonly kind: "numeric";
  readonly values: Float64Array;
}

/** A column of categories; a missing value is `null`. */
export interface CategoricalColumn {
  readonly name: string;
  readonly kind: "categorical";
  readonly values: readonly (string | null)[];
}

export type Column = NumericColumn | CategoricalColumn;

/** Named columns of equal length. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rowCount: number;
}
