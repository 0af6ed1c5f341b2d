import { escapeXml } from "../pictures/figure.js";

/** HTML that is known to be safe: made by {@link html}, or drawn by a figure. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, markup is not, arrays are joined, `undefined` is nothing. */
export type Content = string | number | undefined | Markup | readonly Content[];

/** A template whose values are escaped wherever they are not markup themselves. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  const parts = strings.map((text, i) => text + (i < values.length ? render(values[i]) : ""));
  return { markup: parts.join("") };
}

/** Markup from a source that escapes for itself. */
export function trusted(markup: string): Markup {
  return { markup };
}

function render(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "string") return escapeXml(content);
  if (typeof content === "number") return String(content);
  if (isMarkup(content)) return content.markup;
  return content.map(render).join("");
}

function isMarkup(content: Markup | readonly Content[]): content is Markup {
  return "markup" in content;
}
