import { formatMetric, formatNumber, formatPercent, formatSeconds } from "../pictures/format.js";
import type { EvaluatedSection } from "./evaluation.js";
import { html, type Markup } from "./html.js";

interface Tile {
  name: string;
  value: string;
  /** Key by which the page's script rewrites the value when the threshold moves. */
  live?: string;
  /** Long form for a tooltip. */
  about: string;
}

/** The figures of a section at a glance. Those that depend on the threshold follow the slider. */
export function metricTiles({ section, metrics, points, ranking }: EvaluatedSection): Markup {
  const { seconds, scores } = section;
  const tiles: Tile[] = [];
  if (ranking) {
    tiles.push(
      { name: "AUROC", value: formatMetric(ranking.auroc), about: "Area under the ROC curve" },
      { name: "AP", value: formatMetric(ranking.ap), about: "Average precision" },
      {
        name: "FPR@95",
        value: formatMetric(ranking.fprAt95Tpr),
        about: "False-positive rate where 95 % of the anomalies are found",
      },
    );
  }
  tiles.push({
    name: "Threshold",
    value: formatNumber(metrics.threshold),
    live: "threshold",
    about: "Rows with a score above it are flagged",
  });
  if (points.labelled) {
    tiles.push(
      {
        name: "Precision",
        value: formatMetric(metrics.precision),
        live: "precision",
        about: "Share of anomalies among the flagged rows",
      },
      {
        name: "Recall",
        value: formatMetric(metrics.recall),
        live: "recall",
        about: "Share of the anomalies that are flagged",
      },
      {
        name: "F1",
        value: formatMetric(metrics.f1),
        live: "f1",
        about: "Harmonic mean of precision and recall",
      },
    );
  }
  tiles.push({
    name: "Flagged",
    value: formatPercent(metrics.flagged / scores.length),
    live: "flagged",
    about: "Share of rows above the threshold",
  });
  const total = (seconds?.fit ?? 0) + (seconds?.score ?? 0);
  if (total > 0) tiles.push({ name: "Time", value: formatSeconds(total), about: "To fit and to score" });
  return html`<dl class="tiles">${tiles.map(tile)}</dl>`;
}

function tile({ name, value, live, about }: Tile): Markup {
  return live
    ? html`<div class="tile live" title="${about}"><dt>${name}</dt><dd data-metric="${live}">${value}</dd></div>`
    : html`<div class="tile" title="${about}"><dt>${name}</dt><dd>${value}</dd></div>`;
}
