import { formatCount } from "../pictures/format.js";
import type { EvaluatedSection } from "./evaluation.js";
import { sectionFacts } from "./facts.js";
import { html, type Markup, trusted } from "./html.js";
import { encodeSection } from "./page-data.js";
import { halfFigures, labelledFigures } from "./section-figures.js";
import { thresholdPanel } from "./threshold-panel.js";
import { metricTiles } from "./tiles.js";
import { topImages } from "./top-images.js";
import { topRows } from "./top-rows.js";

/** One detector on one data set. */
export async function sectionMarkup(evaluated: EvaluatedSection): Promise<Markup> {
  const { id, section, axis, points } = evaluated;
  const { detector, dataset, description, threshold } = section;
  const data = JSON.stringify(encodeSection(id, axis, threshold, points)).replace(/</g, "\\u003c");
  return html`<section class="detector" id="${id}" aria-labelledby="${id}-title">
<header><p class="eyebrow">${dataset}</p><h2 id="${id}-title">${detector}</h2>${description ? html`<p class="description">${description}</p>` : undefined}</header>
${metricTiles(evaluated)}
${thresholdPanel(evaluated)}
${labelledFigures(evaluated)}
${halfFigures(evaluated)}
${await topImages(evaluated)}
${topRows(evaluated)}
${thinningNote(evaluated)}
<section class="about" aria-label="About this run"><h3>About this run</h3>${sectionFacts(evaluated)}</section>
<script type="application/json" data-section>${trusted(data)}</script>
</section>`;
}

function thinningNote({ points }: EvaluatedSection): Markup | undefined {
  if (points.scores.length === points.distinct) return undefined;
  return html`<p class="note">Curves and slider use ${formatCount(points.scores.length)} of ${formatCount(points.distinct)} distinct scores, each with its exact counts over all rows; in between, recall is off by at most 0.05 % of the anomalies and the number of flagged rows by at most 0.2 %.</p>`;
}
