export { type ConformalTable, conformalPValues, conformalTable } from "./conformal.js";
