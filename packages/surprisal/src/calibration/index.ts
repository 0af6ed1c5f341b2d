export { type ConformalTable, conformalPValues, conformalTable } from "./conformal.js";
export { conformalGraph } from "./graph.js";
export {
  countPValues,
  type PValueCounts,
  type SelectOptions,
  select,
  selectionLimit,
} from "./select.js";
