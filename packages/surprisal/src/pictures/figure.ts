import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** What every figure takes. */
export interface FigureOptions {
  /** Id of the SVG element: unique in the page it goes to. */
  id: string;
  /** What the figure shows, in a few words: its accessible name. */
  title: string;
  /** Longer text for readers who cannot see the figure. */
  description?: string;
  /** Width in pixels before scaling. */
  width?: number;
  /** Height in pixels before scaling. */
  height?: number;
}

/** Text made safe for XML and HTML, in element content and in quoted attributes. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

/** Attributes as text, each with a leading space; numbers are rounded to 1/100 pixel. */
export function attributes(values: Record<string, string | number | undefined>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? round(value) : escapeXml(value!)}"`)
    .join("");
}

/** A number at 1/100: finer than any screen shows. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The whole SVG element around `body`. `data` become `data-` attributes for a page's script. */
export function svg(
  options: FigureOptions & { width: number; height: number; data?: Record<string, string | number> },
  body: string,
): string {
  const { id, title, description, width, height, data = {} } = options;
  const named = Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]));
  const description_ = description ? `<desc id="${escapeXml(id)}-desc">${escapeXml(description)}</desc>` : "";
  const opening = attributes({
    xmlns: "http://www.w3.org/2000/svg",
    id,
    class: "figure",
    role: "img",
    "aria-label": title,
    "aria-describedby": description ? `${id}-desc` : undefined,
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    "font-family": "system-ui, sans-serif",
    "font-size": 12,
    fill: "currentColor",
    "text-anchor": "middle",
    ...named,
  });
  return `<svg${opening}>${description_}${body}</svg>`;
}

/** Positions of a drawn plot's scales, to place further marks by. */
export interface PlotScales {
  /** Pixel of a value on the x scale. */
  x(value: number): number;
  /** Pixel of a value on the y scale. */
  y(value: number): number;
}

/**
 * Draw with Observable Plot on a document of its own, so that it works where there is no browser.
 * `overlay` is SVG drawn on top, `data` the `data-` attributes, both from the finished scales.
 */
export function plotFigure(
  figure: FigureOptions & { width: number; height: number },
  plot: Plot.PlotOptions,
  extra: {
    underlay?: (scales: PlotScales) => string;
    overlay?: (scales: PlotScales) => string;
    data?: (scales: PlotScales) => Record<string, string | number>;
  } = {},
): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn = Plot.plot({
    ...plot,
    document: document as unknown as Document,
    width: figure.width,
    height: figure.height,
  });
  const scales: PlotScales = {
    x: (value) => Number(drawn.scale("x")?.apply(value)),
    y: (value) => Number(drawn.scale("y")?.apply(value)),
  };
  drawn.querySelector("style")?.remove();
  const marks = drawn.innerHTML.replace(/<[a-z][^>]*>/g, roundTag);
  const body = (extra.underlay?.(scales) ?? "") + marks + (extra.overlay?.(scales) ?? "");
  return svg({ ...figure, data: extra.data?.(scales) ?? {} }, body);
}

/** Round the coordinates in one tag: a third of the bytes of a figure are digits no one can see. */
function roundTag(tag: string): string {
  return tag.replace(/\s(?:d|transform|x|y|x1|x2|y1|y2|width|height|cx|cy)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}(?:e[-+]?\d+)?/g, (number) => String(round(Number(number)))),
  );
}

/** One entry of a legend: a swatch or a piece of line, and its name. */
export interface LegendEntry {
  name: string;
  color: string;
  /** A line with this dash pattern instead of a filled swatch. */
  dash?: string;
}

/** A legend in one line from `x`, `y` (text baseline), wrapped at `width`; returns SVG. */
export function legend(entries: LegendEntry[], x: number, y: number, width: number): string {
  let left = x;
  let line = y;
  return entries
    .map(({ name, color, dash }) => {
      // System fonts at 12 px are about 6.6 px a letter: enough to place words, not to fit them.
      const length = 18 + 6.6 * name.length + 14;
      if (left > x && left + length > x + width) {
        left = x;
        line += 16;
      }
      const swatch =
        dash === undefined
          ? `<rect${attributes({ x: left, y: line - 9, width: 10, height: 10, rx: 2, style: `fill:${color}` })}/>`
          : `<line${attributes({ x1: left - 2, x2: left + 13, y1: line - 4, y2: line - 4, style: `stroke:${color};stroke-width:2;stroke-dasharray:${dash}` })}/>`;
      const text = `<text${attributes({ x: left + 17, y: line, "text-anchor": "start" })}>${escapeXml(name)}</text>`;
      left += length;
      return swatch + text;
    })
    .join("");
}

/** Text cut to about `width` pixels at 12 px, with an ellipsis. */
export function fitText(text: string, width: number, letter = 6.6): string {
  const letters = Math.max(1, Math.floor(width / letter));
  const characters = [...text];
  return characters.length <= letters ? text : `${characters.slice(0, letters - 1).join("")}…`;
}
