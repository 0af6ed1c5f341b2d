export { auroc } from "./auroc.js";
export { averagePrecision } from "./average-precision.js";
export { type BestF1, bestF1Threshold } from "./best-f1.js";
export { type Confusion, confusion, f1, precision, recall } from "./confusion.js";
export { fprAtTpr } from "./fpr-at-tpr.js";
export { type PrecisionRecallCurve, precisionRecallCurve } from "./precision-recall.js";
export type { Labels, Scores } from "./ranking.js";
export { type RocCurve, rocCurve } from "./roc.js";
export { type MetricsSummary, summarize } from "./summary.js";
