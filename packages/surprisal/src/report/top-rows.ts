import { contributionBars } from "../pictures/contributions.js";
import { formatNumber } from "../pictures/format.js";
import type { EvaluatedSection } from "./evaluation.js";
import { type Content, html, type Markup, trusted } from "./html.js";
import type { ReportRow } from "./types.js";

/** Rows drawn with their contributions; further ones are listed in a table. */
const drawnRows = 9;

/** The most anomalous rows: what each feature adds to the score. */
export function topRows({ id, section }: EvaluatedSection): Markup | undefined {
  const { rows = [], detector } = section;
  if (rows.length === 0) return undefined;
  const cards = rows.slice(0, drawnRows).map((row, i) => {
    const drawing = contributionBars({
      id: `${id}-row-${i + 1}`,
      title: `What the features add to the score of row ${row.index}`,
      description: strongest(row),
      values: row.values.map((value) => ({ ...value })),
    });
    const bars = row.values.length > 0 ? trusted(drawing) : undefined;
    return html`<article class="card"><header><h4>Row ${row.index}</h4>${chip(row.label)}</header><p class="card-facts">score ${formatNumber(row.score)}${pText(row.pValue)}</p>${bars}</article>`;
  });
  const rest = rows.slice(drawnRows);
  const signed = rows.some(({ values }) => values.some(({ contribution }) => contribution < 0));
  const explained = rows.some(({ values }) => values.length > 0);
  const note = explained
    ? `Bars are what each feature adds to the row’s score under ${detector}${signed ? "; to the left it speaks for a normal row" : ""}. Each row has its own scale.`
    : undefined;
  return html`<section class="top" aria-labelledby="${id}-top-rows"><h3 id="${id}-top-rows">Most anomalous rows</h3><div class="cards">${cards}</div>${rest.length > 0 ? table(rest, drawnRows) : undefined}${note ? html`<p class="note">${note}</p>` : undefined}</section>`;
}

/** The true class as a word. */
function chip(label: 0 | 1 | undefined): Markup | undefined {
  if (label === undefined) return undefined;
  return label === 1
    ? html`<span class="chip anomaly">anomaly</span>`
    : html`<span class="chip normal">normal</span>`;
}

function pText(pValue: number | undefined): Content {
  return pValue === undefined ? undefined : `, p = ${formatNumber(pValue, 2)}`;
}

/** The three features that add most, in words. */
function strongest(row: ReportRow): string {
  return [...row.values]
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, 3)
    .map(({ name, value, contribution }) => `${name} = ${value} (${formatNumber(contribution, 3)})`)
    .join(", ");
}

function table(rows: readonly ReportRow[], before: number): Markup {
  const labelled = rows.some(({ label }) => label !== undefined);
  const tested = rows.some(({ pValue }) => pValue !== undefined);
  const lines = rows.map(
    (row, i) =>
      html`<tr><td class="number">${before + i + 1}</td><th scope="row" class="number">${row.index}</th><td class="number">${formatNumber(row.score)}</td>${tested ? html`<td class="number">${row.pValue === undefined ? "" : formatNumber(row.pValue, 2)}</td>` : undefined}${labelled ? html`<td>${chip(row.label)}</td>` : undefined}<td>${strongest(row)}</td></tr>`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Further anomalous rows"><table><thead><tr><th class="number">Rank</th><th class="number">Row</th><th class="number">Score</th>${tested ? html`<th class="number">p</th>` : undefined}${labelled ? html`<th>Class</th>` : undefined}<th>Features that add most</th></tr></thead><tbody>${lines}</tbody></table></div>`;
}
