import { confusionFigure } from "../pictures/confusion.js";
import { metricCurve, metricNames, trainingCurves } from "../pictures/curves.js";
import { formatCount, formatMetric, formatNumber, formatPercent } from "../pictures/format.js";
import { pValueHistogram } from "../pictures/p-values.js";
import { precisionRecallFigure } from "../pictures/precision-recall.js";
import { rocFigure } from "../pictures/roc.js";
import type { NamedCurve } from "../pictures/unit-curves.js";
import type { EvaluatedSection } from "./evaluation.js";
import { html, type Markup, trusted } from "./html.js";

/** A figure with its heading above and its caption below. */
export function figure(name: string, heading: string, drawing: string, caption?: string): Markup {
  const below = caption ? html`<figcaption>${caption}</figcaption>` : undefined;
  return html`<figure data-figure="${name}"><h3>${heading}</h3>${trusted(drawing)}${below}</figure>`;
}

/** False-positive against true-positive rate, from (0, 0). */
export function rocOf({ points, section }: EvaluatedSection): NamedCurve {
  const { truePositives, falsePositives, positives, negatives } = points;
  return {
    name: section.detector,
    x: [0, ...Array.from(falsePositives, (count) => count / negatives)],
    y: [0, ...Array.from(truePositives, (count) => count / positives)],
  };
}

/** Recall against precision; the line starts level with its first point. */
export function precisionRecallOf({ points, section }: EvaluatedSection): NamedCurve {
  const { truePositives, falsePositives, positives } = points;
  const precision = Array.from(truePositives, (count, i) => count / (count + falsePositives[i]!));
  return {
    name: section.detector,
    x: [0, ...Array.from(truePositives, (count) => count / positives)],
    y: [precision[0]!, ...precision],
  };
}

/** ROC, precision-recall and confusion matrix; nothing without labels. */
export function labelledFigures(evaluated: EvaluatedSection): Markup | undefined {
  const { id, section, points, metrics, ranking } = evaluated;
  if (!points.labelled) return undefined;
  const on = `of ${section.detector} on ${section.dataset}`;
  const curves = ranking && [
    figure(
      "roc",
      "ROC",
      rocFigure({
        id: `${id}-roc`,
        title: `ROC curve ${on}`,
        description: `Area under the curve ${formatMetric(ranking.auroc)}. At the threshold the false-positive rate is ${formatMetric(metrics.falsePositiveRate)} and the true-positive rate ${formatMetric(metrics.recall)}.`,
        curves: [rocOf(evaluated)],
        point: { x: metrics.falsePositiveRate, y: metrics.recall },
      }),
      `Area ${formatMetric(ranking.auroc)}. The dot is the threshold, the dashed line is chance.`,
    ),
    figure(
      "precision-recall",
      "Precision and recall",
      precisionRecallFigure({
        id: `${id}-precision-recall`,
        title: `Precision-recall curve ${on}`,
        description: `Average precision ${formatMetric(ranking.ap)}. At the threshold precision is ${formatMetric(metrics.precision)} and recall ${formatMetric(metrics.recall)}.`,
        curves: [precisionRecallOf(evaluated)],
        point: { x: metrics.recall, y: metrics.precision },
        prevalence: points.positives / (points.positives + points.negatives),
      }),
      `Average precision ${formatMetric(ranking.ap)}. The dashed line is chance: ${formatPercent(points.positives / (points.positives + points.negatives))} of the rows are anomalies.`,
    ),
  ];
  const matrix = figure(
    "confusion",
    "Confusion matrix",
    confusionFigure({
      id: `${id}-confusion`,
      title: `Confusion matrix ${on}`,
      description: `At threshold ${formatNumber(metrics.threshold)}: ${metrics.truePositives} true positives, ${metrics.falsePositives} false positives, ${metrics.trueNegatives} true negatives, ${metrics.falseNegatives} false negatives.`,
      counts: metrics,
    }),
    "At the threshold; shares are of each row’s class.",
  );
  return html`<div class="figures thirds">${curves}${matrix}</div>`;
}

/** Loss and metrics by epoch, and the p-values of normal rows. */
export function halfFigures({ id, section }: EvaluatedSection): Markup | undefined {
  const { training, pValues, labels, detector, dataset } = section;
  const figures: Markup[] = [];
  const history = training?.history ?? [];
  const metrics = metricNames(history);
  const count = (history.length > 0 ? 1 + metrics.length : 0) + (pValues ? 1 : 0);
  // Three in a row are drawn smaller from the start, so that their text is not.
  const inThirds = count % 3 === 0;
  const size = inThirds ? { width: 340, height: 230 } : { width: 440, height: 250 };
  if (history.length > 0) {
    const validated = history.some(({ validationLoss }) => validationLoss !== undefined);
    figures.push(
      figure(
        "training",
        "Training",
        trainingCurves({
          id: `${id}-training`,
          title: `Training loss of ${detector} by epoch`,
          history,
          ...size,
        }),
        validated
          ? "Mean loss of each epoch on training rows and on held-out rows."
          : "Mean loss of each epoch.",
      ),
      ...metrics.map((metric, i) =>
        figure(
          "training-metric",
          metric,
          metricCurve({
            id: `${id}-metric-${i + 1}`,
            title: `${metric} of ${detector} by epoch`,
            history,
            metric,
            ...size,
          }),
        ),
      ),
    );
  }
  if (pValues) {
    const shown = labels ? Array.from(pValues).filter((_, row) => labels[row] === 0) : Array.from(pValues);
    const rows = labels ? "normal rows" : "rows";
    const low = shown.filter((p) => p <= 0.05).length / shown.length;
    if (shown.length > 0) {
      figures.push(
        figure(
          "p-values",
          labels ? "p-values of normal rows" : "p-values",
          pValueHistogram({
            id: `${id}-p-values`,
            title: `Histogram of p-values of ${detector} on ${rows} of ${dataset}`,
            pValues: shown,
            ...size,
          }),
          `${formatCount(shown.length)} ${rows}; p ≤ 0.05 for ${formatPercent(low)} of them. ${labels ? "Valid p-values are uniform, or larger." : "An excess at the left are anomalies."}`,
        ),
      );
    }
  }
  const layout = inThirds ? "thirds" : "halves";
  return figures.length > 0 ? html`<div class="figures ${layout}">${figures}</div>` : undefined;
}
