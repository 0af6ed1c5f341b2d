import { SurprisalError } from "../errors.js";
import { auroc, averagePrecision, fprAtTpr } from "../metrics/index.js";
import { type ScoreAxis, scoreAxis } from "../pictures/score-axis.js";
import { metricsAt, type OperatingPoints, type ThresholdMetrics } from "./metrics-at.js";
import { operatingPoints } from "./operating-points.js";
import type { ReportSection } from "./types.js";

/** A section with what is computed from its scores once, for tiles, figures and the page's script. */
export interface EvaluatedSection {
  /** Id of the section in the page. */
  id: string;
  section: ReportSection;
  axis: ScoreAxis;
  points: OperatingPoints;
  /** At the detector's own threshold. */
  metrics: ThresholdMetrics;
  /** Absent where there are no labels or only one class. */
  ranking: { auroc: number; ap: number; fprAt95Tpr: number } | undefined;
}

/**
 * @throws SurprisalError where a section has no scores, a NaN score or threshold, columns of
 * different lengths, or a label that is not 0 or 1
 */
export function evaluateSection(section: ReportSection, number: number): EvaluatedSection {
  requireValid(section);
  const { scores, labels, threshold } = section;
  const points = operatingPoints(scores, labels, [threshold]);
  const bothClasses = labels !== undefined && points.positives > 0 && points.negatives > 0;
  return {
    id: `section-${number}`,
    section,
    axis: scoreAxis(scores, threshold),
    points,
    metrics: metricsAt(points, threshold),
    ranking: bothClasses
      ? {
          auroc: auroc(labels, scores),
          ap: averagePrecision(labels, scores),
          fprAt95Tpr: fprAtTpr(labels, scores),
        }
      : undefined,
  };
}

function requireValid(section: ReportSection): void {
  const { detector, dataset, scores, labels, pValues, threshold } = section;
  const where = `report section "${detector}" on "${dataset}"`;
  if (scores.length === 0) throw new SurprisalError(`${where}: there are no scores; give at least one row`);
  const unknown = scores.findIndex((score) => Number.isNaN(score));
  if (unknown >= 0) throw new SurprisalError(`${where}: the score of row ${unknown} is NaN; give a number`);
  if (Number.isNaN(threshold)) throw new SurprisalError(`${where}: the threshold is NaN; give a number`);
  for (const [name, column] of Object.entries({ labels, pValues })) {
    if (column && column.length !== scores.length) {
      throw new SurprisalError(
        `${where}: ${scores.length} scores but ${column.length} ${name}; give one a row`,
      );
    }
  }
  const wrong = labels?.findIndex((label) => label !== 0 && label !== 1) ?? -1;
  if (wrong >= 0) {
    throw new SurprisalError(`${where}: the label of row ${wrong} is ${labels![wrong]}; labels are 0 or 1`);
  }
}
