import { formatMetric, formatNumber, formatSeconds } from "../pictures/format.js";
import { precisionRecallFigure } from "../pictures/precision-recall.js";
import { rocFigure } from "../pictures/roc.js";
import type { EvaluatedSection } from "./evaluation.js";
import { type Content, html, type Markup } from "./html.js";
import { figure, precisionRecallOf, rocOf } from "./section-figures.js";

interface Column {
  name: string;
  value: (evaluated: EvaluatedSection) => number | undefined;
  format: (value: number) => string;
  /** Whether the largest or the smallest value is set in bold within a data set. */
  best?: "largest" | "smallest";
}

const columns: Column[] = [
  { name: "AUROC", value: ({ ranking }) => ranking?.auroc, format: formatMetric, best: "largest" },
  { name: "AP", value: ({ ranking }) => ranking?.ap, format: formatMetric, best: "largest" },
  { name: "FPR@95", value: ({ ranking }) => ranking?.fprAt95Tpr, format: formatMetric, best: "smallest" },
  { name: "Threshold", value: ({ metrics }) => metrics.threshold, format: formatNumber },
  {
    name: "Precision",
    value: labelled(({ metrics }) => metrics.precision),
    format: formatMetric,
    best: "largest",
  },
  { name: "Recall", value: labelled(({ metrics }) => metrics.recall), format: formatMetric, best: "largest" },
  { name: "F1", value: labelled(({ metrics }) => metrics.f1), format: formatMetric, best: "largest" },
  { name: "Fit", value: ({ section }) => section.seconds?.fit, format: formatSeconds },
  { name: "Score", value: ({ section }) => section.seconds?.score, format: formatSeconds },
];

function labelled(read: (evaluated: EvaluatedSection) => number): Column["value"] {
  return (evaluated) => (evaluated.points.labelled ? read(evaluated) : undefined);
}

/** Sections by data set, in order of first appearance. */
export function byDataset(sections: readonly EvaluatedSection[]): Map<string, EvaluatedSection[]> {
  const groups = new Map<string, EvaluatedSection[]>();
  for (const evaluated of sections) {
    const group = groups.get(evaluated.section.dataset);
    if (group) group.push(evaluated);
    else groups.set(evaluated.section.dataset, [evaluated]);
  }
  return groups;
}

/** All detectors side by side: a table, and the curves of each data set in one figure. */
export function comparison(sections: readonly EvaluatedSection[]): Markup | undefined {
  if (sections.length < 2) return undefined;
  const groups = [...byDataset(sections)];
  const used = columns.filter(({ value }) => sections.some((evaluated) => value(evaluated) !== undefined));
  const bodies = groups.map(
    ([dataset, group]) =>
      html`<tbody><tr class="group"><th scope="rowgroup" colspan="${used.length + 1}">${dataset}</th></tr>${group.map((evaluated) => line(evaluated, group, used))}</tbody>`,
  );
  const figures = groups.flatMap(([dataset, group], i) => overlays(dataset, group, i + 1));
  return html`<section id="comparison" class="comparison"><h2>Comparison</h2>
<div class="scroll" role="region" tabindex="0" aria-label="Comparison of detectors"><table><thead><tr><th scope="col">Detector</th>${used.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>${bodies}</table></div>
<p class="note">Bold is best on a data set. Precision, recall and F1 are at each detector’s own threshold.</p>
${figures.length > 0 ? html`<div class="figures pairs">${figures}</div>` : undefined}
</section>`;
}

function line(evaluated: EvaluatedSection, group: EvaluatedSection[], used: Column[]): Markup {
  const cells = used.map((column): Content => {
    const value = column.value(evaluated);
    if (value === undefined) return html`<td class="number">–</td>`;
    const text = column.format(value);
    return html`<td class="number">${isBest(value, column, group) ? html`<strong>${text}</strong>` : text}</td>`;
  });
  return html`<tr><th scope="row"><a href="#${evaluated.id}">${evaluated.section.detector}</a></th>${cells}</tr>`;
}

function isBest(value: number, { best, value: read }: Column, group: EvaluatedSection[]): boolean {
  if (!best || group.length < 2) return false;
  const values = group.map(read).filter((other) => other !== undefined);
  return value === (best === "largest" ? Math.max(...values) : Math.min(...values));
}

function overlays(dataset: string, group: EvaluatedSection[], number: number): Markup[] {
  const ranked = group.filter(({ ranking }) => ranking);
  if (ranked.length < 2) return [];
  const { positives, negatives } = ranked[0]!.points;
  const names = ranked.map(({ section }) => section.detector).join(", ");
  return [
    figure(
      "roc-comparison",
      `ROC on ${dataset}`,
      rocFigure({
        id: `comparison-${number}-roc`,
        title: `ROC curves on ${dataset}: ${names}`,
        curves: ranked.map(rocOf),
      }),
    ),
    figure(
      "precision-recall-comparison",
      `Precision and recall on ${dataset}`,
      precisionRecallFigure({
        id: `comparison-${number}-precision-recall`,
        title: `Precision-recall curves on ${dataset}: ${names}`,
        curves: ranked.map(precisionRecallOf),
        prevalence: positives / (positives + negatives),
      }),
    ),
  ];
}
