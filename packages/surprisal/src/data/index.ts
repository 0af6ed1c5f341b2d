export { concatArrays, takeArrayRows } from "./array-parts.js";
export { tableFromMatrix, toNDArray } from "./arrays.js";
export { explainWriteError, writeFileAtomically } from "./atomic-file.js";
export { splitClasses } from "./classes.js";
export type { ColumnKind } from "./column-kinds.js";
export { decodeIdx, encodeIdx, readIdx, writeIdx } from "./idx.js";
export { decodeImage, type ImageFolder, type ImageOptions, imageExtensions, readImages } from "./images.js";
export { type LabelSpec, parseLabelSpec, splitLabel } from "./labels.js";
export type { NDArray, NumericArray } from "./ndarray.js";
export { decodeNpz, encodeNpz, readNpy, readNpz, writeNpz } from "./npz.js";
export { type Data, type ReadDataOptions, readData } from "./read-data.js";
export {
  describeTable,
  type ExpectedColumn,
  type ReadTableOptions,
  readTable,
  type StreamTableOptions,
  streamTable,
  type TableDescription,
} from "./read-table.js";
export { type TableFormat, type TableSource, tableExtensions, tableFormatOf } from "./source.js";
export type { CategoricalColumn, Column, NumericColumn, Table } from "./table.js";
export { columnNamed, dropColumns, selectColumns, tableFromRows, takeRows } from "./table-parts.js";
export { openTableWriter, type TableWriter, type WrittenColumn, writeTable } from "./table-writer.js";
