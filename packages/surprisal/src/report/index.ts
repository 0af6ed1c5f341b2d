export { renderReport, writeReport } from "./render.js";
export type { ReportEpoch, ReportImage, ReportInput, ReportRow, ReportSection } from "./types.js";
