export { type ConformalTable, conformalPValues, conformalTable } from "./conformal.js";
export { conformalGraph } from "./graph.js";
