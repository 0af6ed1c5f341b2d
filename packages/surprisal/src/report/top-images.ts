import { formatNumber } from "../pictures/format.js";
import { reconstructionPairs } from "../pictures/reconstruction-pairs.js";
import type { EvaluatedSection } from "./evaluation.js";
import { html, type Markup, trusted } from "./html.js";

/** Pairs in one drawing: two drawings stand side by side on a wide page. */
const pairsInBand = 5;

/** The most anomalous images above their reconstructions. */
export async function topImages({ id, section }: EvaluatedSection): Promise<Markup | undefined> {
  const { images = [], detector } = section;
  if (images.length === 0) return undefined;
  const reconstructed = images.some(({ reconstruction }) => reconstruction);
  const bands: Markup[] = [];
  for (let first = 0; first < images.length; first += pairsInBand) {
    const pairs = images.slice(first, first + pairsInBand).map(({ index, label, ...image }) => ({
      ...image,
      caption: label === undefined ? `no. ${index}` : label === 1 ? "anomaly" : "normal",
    }));
    const drawing = await reconstructionPairs({
      id: `${id}-images-${first / pairsInBand + 1}`,
      title: `Most anomalous images ${first + 1} to ${first + pairs.length} under ${detector}`,
      description: images
        .slice(first, first + pairsInBand)
        .map(
          ({ index, score, error }) =>
            `image ${index}: score ${formatNumber(score)}, error ${error.toFixed(1)}`,
        )
        .join("; "),
      pairs,
      columns: pairsInBand,
    });
    bands.push(html`<div>${trusted(drawing)}</div>`);
  }
  const note = reconstructed
    ? "Each image above what the detector made of it; E is the reconstruction error. The most anomalous come first."
    : "E is the error of each image. The most anomalous come first.";
  return html`<section class="top" aria-labelledby="${id}-top-images"><h3 id="${id}-top-images">Most anomalous images</h3><div class="bands">${bands}</div><p class="note">${note}</p></section>`;
}
