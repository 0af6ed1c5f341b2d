import { formatCount, formatNumber, formatPercent } from "../pictures/format.js";
import { histogramMargins, scoreHistogram } from "../pictures/histogram.js";
import { project } from "../pictures/score-axis.js";
import type { EvaluatedSection } from "./evaluation.js";
import { html, type Markup, trusted } from "./html.js";
import { sliderSteps } from "./page.js";

/** Two drawings of the histogram: text would be unreadable if the wide one shrank to a phone. */
const sizes = [
  { name: "wide", width: 920, height: 300, bins: 64 },
  { name: "narrow", width: 372, height: 260, bins: 30 },
] as const;

/** The score histogram with the slider under it, its ends where the axis has its ends. */
export function thresholdPanel(evaluated: EvaluatedSection): Markup {
  const { id, section, axis, points, metrics } = evaluated;
  const { scores, labels, threshold, detector, dataset } = section;
  const drawings = sizes.map(({ name, ...size }) => {
    const drawing = scoreHistogram({
      id: `${id}-histogram-${name}`,
      title: `Histogram of ${detector} scores on ${dataset}`,
      description: histogramText(evaluated),
      scores,
      ...(labels ? { labels } : {}),
      threshold,
      axis,
      ...size,
    });
    return html`<div class="${name}">${trusted(drawing)}</div>`;
  });
  const rows = scores.length;
  const flagged = `${formatCount(metrics.flagged)} of ${formatCount(rows)} rows flagged (${formatPercent(metrics.flagged / rows)})`;
  const best =
    points.positives > 0 ? html`<button type="button" data-action="best">Best F1</button>` : undefined;
  const places = sizes.map(({ name, width }) => {
    const left = (histogramMargins.left / width) * 100;
    const inner = 100 - left - (histogramMargins.right / width) * 100;
    return `--left-${name}:${left.toFixed(3)}%;--inner-${name}:${inner.toFixed(3)}%`;
  });
  const caption = labels
    ? "Normal rows point up, anomalies down, each as a share of its own class. The threshold cuts the figure into the four cells of the confusion matrix: right of it, rows are flagged."
    : "Rows right of the threshold are flagged.";
  const position = Math.round(project(axis, threshold) * sliderSteps);
  return html`<figure class="panel" data-figure="histogram">
<h3>Scores</h3>
${drawings}
<div class="controls" style="${places.join(";")}">
<input class="slider" type="range" id="${id}-slider" data-control="slider" min="0" max="${sliderSteps}" step="1" value="${position}" aria-label="Threshold of ${detector} on ${dataset}" aria-valuetext="threshold ${formatNumber(threshold)}, ${flagged}">
<div class="control-row">
<label>Threshold <input type="number" data-control="threshold" step="any" value="${Number.isFinite(threshold) ? Number(threshold.toPrecision(6)) : ""}"></label>
<button type="button" data-action="model">Detector’s own</button>
${best}
</div>
</div>
<p class="flagged-line" data-text="flagged" role="status">${flagged}</p>
<figcaption>${caption}</figcaption>
</figure>`;
}

function histogramText({ section, points, metrics }: EvaluatedSection): string {
  const rows = `${formatCount(section.scores.length)} rows`;
  const classes = points.labelled ? `, ${formatCount(points.positives)} of them anomalies` : "";
  return `${rows}${classes}. At threshold ${formatNumber(metrics.threshold)}, ${formatCount(metrics.flagged)} rows are flagged.`;
}
